#include <algorithm>
#include <set>
#include <sstream>

#include "openapi.h"
#include "tests/api/fixture.h"
#include "tests/catch.h"

using namespace app;
using nlohmann::json;

TEST_CASE("unknown paths are not found") {
  Fixture s;
  for (const char* path : {"/", "/nothing", "/items/", "//items", "/items/1/2", "/./items", "/ITEMS"})
    problem_of(s.call("GET", path), 404);
}

TEST_CASE("other methods are refused with those that the path takes") {
  Fixture s;
  const std::vector<std::pair<std::string, std::string>> cases{
      {"/items", "GET, HEAD, POST"}, {"/items/1", "DELETE, GET, HEAD, PUT"}, {"/health/live", "GET, HEAD"}};
  for (const auto& [path, allow] : cases) {
    const auto answer = s.call("PATCH", path, "{}");
    problem_of(answer, 405);
    CHECK(answer.headers.at("Allow") == allow);
  }
  CHECK(s.call("HEAD", "/items").status == 200);
}

TEST_CASE("readiness asks Redis, liveness asks nobody") {
  Fixture s;
  CHECK(s.call("GET", "/health/ready").status == 200);
  s.store.available = false;
  const auto unready = s.call("GET", "/health/ready");
  CHECK(unready.status == 503);
  CHECK(json::parse(unready.body)["failed"] == "redis");
  CHECK(s.call("GET", "/health/live").status == 200);
}

TEST_CASE("a service that shuts down is live, but not ready") {
  Fixture s;
  s.draining = true;
  CHECK(json::parse(s.call("GET", "/health/ready").body)["failed"] == "shutdown");
  CHECK(s.call("GET", "/health/live").status == 200);
}

TEST_CASE("requests are logged with the caller's trace; health only when it fails") {
  Fixture s;
  s.call("GET", "/items", {}, {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
  REQUIRE(s.lines.size() == 1);
  const json& line = s.lines.front();
  CHECK(line["message"] == "request");
  CHECK(line["trace_id"] == "0af7651916cd43dd8448eb211c80319c");
  CHECK(line["span_id"] != "b7ad6b7169203331");
  CHECK(line["method"] == "GET");
  CHECK(line["path"] == "/items");
  CHECK(line["status"] == 200);
  CHECK(line["duration_ms"].is_number());
  CHECK(line["service"] == "test");

  s.call("GET", "/health/live");
  s.call("GET", "/health/ready");
  CHECK(s.lines.size() == 1);
  s.store.available = false;
  s.call("GET", "/health/ready");
  CHECK(s.lines.size() == 2);
}

TEST_CASE("metrics count by pattern, not by path") {
  Fixture s;
  s.call("GET", "/items/1");
  s.call("GET", "/items/2");
  s.call("GET", "/nothing/at/all");
  const std::string text = s.call("GET", "/metrics").body;
  CHECK(text.find(R"(http_requests_total{method="GET",route="/items/{id}",status="404"} 2)") !=
        std::string::npos);
  CHECK(text.find(R"(route="unmatched")") != std::string::npos);
  CHECK(text.find("http_request_duration_seconds_bucket") != std::string::npos);
  CHECK(text.find("/nothing") == std::string::npos);
}

// The document is written in block style down to its methods, so lines are enough to find them.
TEST_CASE("the document describes every route and nothing else") {
  Fixture s;
  CHECK(s.call("GET", "/openapi.yaml").body == openapi);
  std::istringstream lines{std::string(openapi)};
  std::set<std::string> documented;
  std::string path;
  bool in_paths = false;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.front() != ' ') in_paths = line == "paths:";
    if (!in_paths || line.size() < 5) continue;
    if (line.starts_with("  /")) path = line.substr(2, line.size() - 3);
    if (!line.starts_with("    ") || line[4] == ' ' || line == "    parameters:") continue;
    std::string method = line.substr(4, line.size() - 5);
    std::transform(method.begin(), method.end(), method.begin(),
                   [](unsigned char c) { return std::toupper(c); });
    documented.insert(method + " " + path);
  }
  std::set<std::string> served;
  for (const auto& [method, pattern] : s.api.routes()) served.insert(method + " " + pattern);
  CHECK(documented == served);
}
