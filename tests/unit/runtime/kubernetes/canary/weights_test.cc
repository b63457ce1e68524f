// The gateway's file with a part of some routes elsewhere, and everything else as it stood.
#include "runtime/kubernetes/canary/weights.h"

#include "tests/catch.h"
#include "tests/unit/runtime/kubernetes/canary/releases.h"

using namespace msctl;
using namespace msctl::kubernetes::canary;

namespace {

const std::vector<Subject> subjects{{"orders", "orders-canary", {"orders", "orders-2"}}};

Json config_map(const std::string& file) {
  Json out = fakes::object("v1", "ConfigMap", "gateway", "gateway");
  out["data"] = {{"gateway.yaml", file}, {"keys.yaml", "[]\n"}};
  return out;
}

}  // namespace

TEST_CASE("each route to the service is split, and the canary has an upstream of its own") {
  auto split = with_weights(config_map(fakes::gateway_file), subjects, 25);
  REQUIRE(split);
  CHECK(file_of(*split) ==
        "listeners:\n  - address: \"0.0.0.0:8080\"\n"
        "routes:\n"
        "  - name: orders\n    match:\n      path: /orders/**\n    upstream: orders\n"
        "    rateLimit:\n      quota: 100\n      window: 1m\n      by: address\n"
        "    split:\n      orders-canary: 25%\n"
        "  - name: orders-2\n    match:\n      path: /buy\n      headers:\n        X-Version: \"2\"\n    "
        "upstream: orders\n"
        "    split:\n      orders-canary: 25%\n"
        "upstreams:\n  orders:\n    endpoints:\n      - orders:8080\n"
        "  orders-canary:\n    endpoints:\n      - orders-canary:8080\n"
        "accessLog: false\n");
  CHECK((*split)["data"]["keys.yaml"] == "[]\n");
  CHECK((*split)["metadata"] == config_map("")["metadata"]);
}

TEST_CASE("of a route that is split already the canary gets a share of the service's own part") {
  auto split = with_weights(
      config_map("routes: [{name: a, match: {path: /a}, upstream: orders, split: {beta: 30%}}]\n"), subjects,
      50);
  REQUIRE(split);
  CHECK(file_of(*split).find("beta: 30%\n") != std::string::npos);
  CHECK(file_of(*split).find("orders-canary: 35%\n") != std::string::npos);
}

TEST_CASE("routes by upstream") {
  auto routes = routes_of(config_map(fakes::gateway_file));
  REQUIRE(routes);
  CHECK(*routes == Routes{{"orders", {"orders", "orders-2"}}});
}

TEST_CASE("what is no configuration is told") {
  for (const char* file : {"", "[a]\n", "a: [\n"}) {
    CHECK_FALSE(routes_of(config_map(file)));
    auto split = with_weights(config_map(file), subjects, 5);
    REQUIRE_FALSE(split);
    CHECK(split.error().code == base::Code::noCanary);
  }
}
