#include "tests/api/fixture.h"
#include "tests/catch.h"

using namespace app;
using nlohmann::json;

namespace {

const std::string unknown_id = "0190163d-8694-739b-aea5-966c26f8ad91";

}  // namespace

json app::problem_of(const http::Response& response, int status) {
  CHECK(response.status == status);
  CHECK(response.headers.at("Content-Type") == "application/problem+json");
  json body = json::parse(response.body);
  CHECK(body["status"] == status);
  CHECK(body["type"] == "about:blank");
  CHECK_FALSE(body["title"].get<std::string>().empty());
  CHECK_FALSE(body["detail"].get<std::string>().empty());
  return body;
}

TEST_CASE("an item that was created can be read") {
  Fixture s;
  const auto answer = s.call("POST", "/items", R"({"name":"lämp","quantity":3})");
  CHECK(answer.status == 201);
  const json made = json::parse(answer.body);
  CHECK(is_valid_id(made["id"].get<std::string>()));
  CHECK(made["name"] == "lämp");
  CHECK(answer.headers.at("Location") == "/items/" + made["id"].get<std::string>());
  const auto got = s.call("GET", "/items/" + made["id"].get<std::string>());
  CHECK(got.status == 200);
  CHECK(json::parse(got.body) == made);
}

TEST_CASE("Location has the prefix that a gateway took off, if it is a plain path") {
  Fixture s;
  const std::vector<std::pair<std::string, std::string>> cases{{"/shop/lamps", "/shop/lamps/items/"},
                                                               {"/shop/", "/shop/items/"},
                                                               {"//evil.example", "/items/"},
                                                               {"https://evil.example", "/items/"},
                                                               {"/a/../b", "/items/"},
                                                               {"shop", "/items/"},
                                                               {"/a?b", "/items/"},
                                                               {"", "/items/"}};
  for (const auto& [prefix, expected] : cases) {
    const auto answer =
        s.call("POST", "/items", R"({"name":"lamp","quantity":0})", {{"X-Forwarded-Prefix", prefix}});
    CHECK(answer.headers.at("Location") == expected + json::parse(answer.body)["id"].get<std::string>());
  }
}

TEST_CASE("an item is replaced, and never made by PUT") {
  Fixture s;
  const std::string path = "/items/" + s.create(R"({"name":"lamp","quantity":3})")["id"].get<std::string>();
  const auto answer = s.call("PUT", path, R"({"name":"light","quantity":4})");
  CHECK(answer.status == 200);
  CHECK(json::parse(answer.body)["name"] == "light");
  CHECK(s.call("GET", path).body == answer.body);
  problem_of(s.call("PUT", path, R"({"name":""})"), 422);
  problem_of(s.call("PUT", "/items/" + unknown_id, R"({"name":"light","quantity":4})"), 404);
}

TEST_CASE("a price is 0 until one is given, and stays where none is given") {
  Fixture s;
  const json made = s.create(R"({"name":"lamp","quantity":3})");
  CHECK(made["price"] == 0);
  const std::string path = "/items/" + made["id"].get<std::string>();
  for (const auto& [body, price] :
       std::vector<std::pair<std::string, int>>{{R"({"name":"lamp","quantity":4,"price":1250})", 1250},
                                                {R"({"name":"lamp","quantity":5})", 1250},
                                                {R"({"name":"lamp","quantity":5,"price":0})", 0},
                                                {R"({"name":"lamp","quantity":5,"price":1e6})", 1'000'000}}) {
    CHECK(json::parse(s.call("PUT", path, body).body)["price"] == price);
    CHECK(json::parse(s.call("GET", path).body)["price"] == price);
  }
  CHECK(s.create(R"({"name":"lamp","quantity":3,"price":1})")["price"] == 1);
}

TEST_CASE("a deleted item is gone") {
  Fixture s;
  const std::string path = "/items/" + s.create(R"({"name":"lamp","quantity":3})")["id"].get<std::string>();
  const auto answer = s.call("DELETE", path);
  CHECK(answer.status == 204);
  CHECK(answer.body.empty());
  problem_of(s.call("GET", path), 404);
  problem_of(s.call("DELETE", path), 404);
}

TEST_CASE("an unknown id is not found, whatever its form") {
  Fixture s;
  for (const std::string& id : {unknown_id, std::string("1"), std::string("a%2Fb")})
    for (const char* method : {"GET", "DELETE"}) problem_of(s.call(method, "/items/" + id), 404);
}

TEST_CASE("a list comes in pages, oldest first") {
  Fixture s;
  CHECK(json::parse(s.call("GET", "/items").body) == json{{"items", json::array()}});
  for (int i = 0; i < 5; ++i)
    s.store.create({"0190163d-8694-739b-aea5-00000000000" + std::to_string(i), "lamp", i, 0});
  std::vector<int> seen;
  std::string cursor;
  for (int page = 0; page < 3; ++page) {
    auto request = http::Request{"GET", "/items", {{"limit", "2"}}, {}, {}};
    if (!cursor.empty()) request.query.emplace("cursor", cursor);
    const json body = json::parse(s.api.handle(request).body);
    for (const json& item : body["items"]) seen.push_back(item["quantity"].get<int>());
    cursor = body.value("nextCursor", "");
  }
  CHECK(seen == std::vector<int>{0, 1, 2, 3, 4});
  CHECK(cursor.empty());
}

TEST_CASE("a wrong query names its parameter") {
  Fixture s;
  for (const char* query : {"limit=0", "limit=101", "limit=x", "limit=", "cursor=x", "cursor="}) {
    const json body = problem_of(s.call("GET", std::string("/items?") + query), 422);
    const std::string text = query;
    CHECK(body["errors"][0]["parameter"] == text.substr(0, text.find('=')));
  }
}

TEST_CASE("every wrong value of a body is named") {
  Fixture s;
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases{
      {R"({})", {"/name", "/quantity"}},
      {R"({"name":"","quantity":-1})", {"/name", "/quantity"}},
      {R"({"name":1,"quantity":"1"})", {"/name", "/quantity"}},
      {R"({"name":"lamp","quantity":1000001})", {"/quantity"}},
      {R"({"name":"lamp","quantity":1.5})", {"/quantity"}},
      {R"({"name":"","quantity":-1,"price":-1})", {"/name", "/quantity", "/price"}},
      {R"({"name":"lamp","quantity":1,"price":1000001})", {"/price"}},
      {R"({"name":"lamp","quantity":1,"price":1.5})", {"/price"}},
      {R"({"name":"lamp","quantity":1,"price":null})", {"/price"}},
      {R"({"name":"lamp","quantity":null})", {"/quantity"}},
      {R"({"name":"lamp","quantity":1e400})", {}},
      {R"({"name":"lamp","quantity":1,"a/b~c":2})", {"/a~1b~0c"}},
      {R"([])", {""}},
  };
  for (const auto& [body, pointers] : cases) {
    INFO(body);
    const auto answer = s.call("POST", "/items", body);
    if (pointers.empty()) {  // a number that no reader of JSON here can hold
      CHECK((answer.status == 400 || answer.status == 422));
      continue;
    }
    const json problem = problem_of(answer, 422);
    std::vector<std::string> found;
    for (const json& error : problem["errors"]) found.push_back(error["pointer"]);
    CHECK(found == pointers);
  }
}

TEST_CASE("a name has characters, not bytes") {
  Fixture s;
  std::string hundred;
  for (int i = 0; i < 100; ++i) hundred += "ä";
  CHECK(s.call("POST", "/items", json{{"name", hundred}, {"quantity", 3.0}}.dump()).status == 201);
  problem_of(s.call("POST", "/items", json{{"name", hundred + "a"}, {"quantity", 3}}.dump()), 422);
}

TEST_CASE("what is not JSON is refused by its kind") {
  Fixture s;
  for (const char* body : {"{", "lamp", "{\"name\":\"\xff\"}", "{} {}"})
    problem_of(s.call("POST", "/items", body), 400);
  problem_of(s.call("POST", "/items", "{}", {{"Content-Type", "text/plain"}}), 415);
  problem_of(s.call("POST", "/items"), 415);
  CHECK(s.call("POST", "/items", R"({"name":"lamp","quantity":1})",
               {{"Content-Type", "Application/JSON; charset=utf-8"}})
            .status == 201);
}

TEST_CASE("a body that could not be read whole is refused by its reason") {
  Fixture s;
  const std::vector<std::pair<http::BodyState, int>> cases{
      {http::BodyState::too_large, 413}, {http::BodyState::too_slow, 408}, {http::BodyState::broken, 400}};
  for (const auto& [state, status] : cases) {
    http::Request request{"POST", "/items", {}, {{"Content-Type", "application/json"}}, "{}", state};
    problem_of(s.api.handle(request), status);
  }
}

TEST_CASE("without its store the service says when to come back") {
  Fixture s;
  s.store.available = false;
  const auto answer = s.call("GET", "/items");
  problem_of(answer, 503);
  CHECK(answer.headers.at("Retry-After") == "1");
}
