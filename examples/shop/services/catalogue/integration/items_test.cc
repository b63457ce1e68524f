// Successive requests may go to different replicas, and the store may hold items of others.
#include <algorithm>
#include <future>
#include <set>

#include "integration/gateway.h"
#include "tests/catch.h"

using namespace app::integration;
using nlohmann::json;

namespace {

const std::string unknown_path = items_path + "/0190163d-8694-739b-aea5-966c26f8ad91";
const std::string lamp = R"({"name":"lamp","quantity":3,"price":1250})";

std::string draft(const std::string& name, int quantity) {
  return json{{"name", name}, {"quantity", quantity}, {"price", 500}}.dump();
}

}  // namespace

TEST_CASE("an item is created, read, listed, replaced and deleted") {
  const auto created = call("POST", items_path, lamp);
  const json item = json_of(created, 201);
  CHECK(item == json{{"id", item["id"]}, {"name", "lamp"}, {"quantity", 3}, {"price", 1250}});
  const std::string path = created.headers.at("Location");
  REQUIRE(path == path_of(item));
  CHECK(json_of(call("GET", path), 200) == item);
  const auto all = listed(100);
  CHECK(std::count(all.begin(), all.end(), item) == 1);

  const json light{{"id", item["id"]}, {"name", "light"}, {"quantity", 4}, {"price", 500}};
  CHECK(json_of(call("PUT", path, draft("light", 4)), 200) == light);
  CHECK(json_of(call("GET", path), 200) == light);

  const auto deleted = call("DELETE", path);
  CHECK(deleted.status == 204);
  CHECK(deleted.body.empty());
  problem_of(call("GET", path), 404);
  problem_of(call("DELETE", path), 404);
}

TEST_CASE("a price stays when an item is replaced without one") {
  Cleanup cleanup;
  const json item = json_of(call("POST", items_path, lamp), 201);
  cleanup.add(item);
  json renamed = item;
  renamed["name"] = "light";
  CHECK(json_of(call("PUT", path_of(item), R"({"name":"light","quantity":3})"), 200) == renamed);
  CHECK(json_of(call("GET", path_of(item)), 200) == renamed);
}

TEST_CASE("unknown items are not found") {
  for (const std::string& path : {unknown_path, items_path + "/1"}) {
    problem_of(call("GET", path), 404);
    problem_of(call("PUT", path, lamp), 404);
    problem_of(call("DELETE", path), 404);
  }
}

TEST_CASE("wrong values are named all at once") {
  const auto answer = call("POST", items_path, R"({"name":"","quantity":-1,"price":-1,"x":1})");
  const json problem = problem_of(answer, 422);
  std::vector<std::string> pointers;
  for (const json& error : problem["errors"]) pointers.push_back(error["pointer"]);
  CHECK(pointers == std::vector<std::string>{"/name", "/quantity", "/price", "/x"});
  problem_of(call("GET", items_path + "?limit=0"), 422);
}

TEST_CASE("malformed bodies are refused") { problem_of(call("POST", items_path, "{"), 400); }

TEST_CASE("other media types are refused") {
  problem_of(call("POST", items_path, lamp, {{"Content-Type", "text/plain"}}), 415);
}

TEST_CASE("other methods are refused with Allow") {
  const auto answer = call("PATCH", items_path, lamp);
  problem_of(answer, 405);
  CHECK(answer.headers.at("Allow") == "GET, HEAD, POST");
}

TEST_CASE("pages hold each item exactly once") {
  Cleanup cleanup;
  std::vector<json> made;
  for (int quantity = 1; quantity <= 7; ++quantity) {
    made.push_back(json_of(call("POST", items_path, draft("page", quantity)), 201));
    cleanup.add(made.back());
  }
  const auto all = listed(3);
  for (const json& item : made) CHECK(std::count(all.begin(), all.end(), item) == 1);
}

TEST_CASE("what is created at the same time can all be read") {
  std::vector<std::future<app::http::Response>> creating;
  for (int i = 0; i < 20; ++i)
    creating.push_back(
        std::async(std::launch::async, [i] { return call("POST", items_path, draft("many", i)); }));

  Cleanup cleanup;
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    const json item = json_of(creating[static_cast<std::size_t>(i)].get(), 201);
    cleanup.add(item);
    ids.insert(item["id"].get<std::string>());
    CHECK(item == json{{"id", item["id"]}, {"name", "many"}, {"quantity", i}, {"price", 500}});
    CHECK(json_of(call("GET", path_of(item)), 200) == item);
  }
  CHECK(ids.size() == creating.size());
}

TEST_CASE("HEAD is answered where GET is") {
  const auto answer = call("HEAD", items_path);
  CHECK(answer.status == 200);
  CHECK(answer.body.empty());
}

TEST_CASE("a caller's trace is accepted, and a broken one ignored") {
  for (const char* trace : {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "nonsense"})
    CHECK(call("GET", items_path, {}, {{"Traceparent", trace}}).status == 200);
}
