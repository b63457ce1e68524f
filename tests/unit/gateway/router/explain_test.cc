#include "gateway/router/explain.h"

#include "tests/catch.h"

using namespace msctl::gateway;
using router::explain;
using router::Explanation;

namespace {

config::Route route(std::string name, std::string path, std::vector<std::string> methods = {}) {
  config::Route out;
  out.name = std::move(name);
  out.match.path = std::move(path);
  out.match.methods = std::move(methods);
  out.upstream = out.name;
  return out;
}

std::vector<config::Route> shop() {
  std::vector<config::Route> routes{route("all", "/**"), route("orders", "/orders/**", {"GET", "POST"}),
                                    route("order", "/orders/{id}", {"GET"})};
  routes[1].request.strip_prefix = "/orders";
  routes[2].match.headers = {{"X-Beta", "1"}};
  return routes;
}

const router::Candidate& candidate(const Explanation& explanation, std::string_view name) {
  for (const auto& each : explanation.candidates)
    if (each.route == name) return each;
  FAIL("no candidate " << name);
  return explanation.candidates[0];
}

}  // namespace

TEST_CASE("an explanation names the route, what is sent on, and why each other was not taken") {
  Explanation found = explain(shop(), "GET", "http://shop.example:8080/orders/%37/./x?a=b", {});
  CHECK(found.outcome == Explanation::Outcome::found);
  CHECK(found.route == "orders");
  CHECK(found.target == "upstream orders");
  CHECK(found.path == "/orders/7/x");
  CHECK(found.upstream_path == "/7/x?a=b");
  REQUIRE(found.candidates.size() == 3);
  CHECK(found.candidates[0].route == "order");
  CHECK(candidate(found, "order").because == "the path /orders/7/x does not match /orders/{id}");
  CHECK(candidate(found, "orders").chosen);
  CHECK(candidate(found, "all").because == "it fits, but 'orders' is more specific");
}

TEST_CASE("an explanation of conditions, methods and refusals") {
  Explanation missing = explain(shop(), "GET", "/orders/7", {});
  CHECK(missing.route == "orders");
  CHECK(candidate(missing, "order").because == "the field X-Beta is missing");
  Explanation beta = explain(shop(), "GET", "/orders/7", {{"x-beta", "1"}});
  CHECK(beta.route == "order");
  CHECK(beta.parameters == std::vector<std::pair<std::string, std::string>>{{"id", "7"}});
  Explanation wrong = explain(shop(), "DELETE", "/orders/7", {});
  CHECK(wrong.outcome == Explanation::Outcome::method_not_allowed);
  CHECK(wrong.allow == "GET, HEAD, POST");
  CHECK(candidate(wrong, "all").because ==
        "it fits, but the most specific path decides, and that does not take the method");
  Explanation refused = explain(shop(), "GET", "/orders/..%2fadmin", {});
  CHECK(refused.outcome == Explanation::Outcome::refused);
  CHECK(refused.refused.find("%2F") != std::string::npos);
  std::vector<config::Route> hosts{route("a", "/**")};
  hosts[0].match.host = "a.example";
  CHECK(explain(hosts, "GET", "/", {{"host", "A.example:80"}}).route == "a");
  CHECK(explain(hosts, "GET", "/", {}).candidates[0].because ==
        "it asks for the host a.example, and the request has none");
  CHECK(explain(hosts, "GET", "http://b.example", {}).candidates[0].because ==
        "the host b.example is not a.example");
}

TEST_CASE("the list of routes") {
  config::Config config;
  config.routes = shop();
  config.routes[1].rate_limit =
      config::RateLimit{100, std::chrono::minutes(1), config::RateLimit::By::header, "X-Id"};
  config.routes[1].authentication = config::Authentication{true, {"a", "b"}};
  auto listed = router::list(config);
  REQUIRE(listed.size() == 3);
  CHECK(listed[1].route == "orders");
  CHECK(listed[1].methods == "GET,POST");
  CHECK(listed[1].authentication == "a and b");
  CHECK(listed[1].rate_limit == "100 per 1m by header:X-Id");
  CHECK(listed[0].conditions == "X-Beta: 1");
  CHECK(listed[2].host == "*");
}
