#include "gateway/config/print.h"

#include <nlohmann/json.hpp>

#include "gateway/config/decode.h"
#include "runtime/base/yaml/write.h"
#include "tests/catch.h"

using namespace msctl::gateway;

namespace {

config::Config load(const std::string& text) {
  auto loaded = config::load_text(text, "gateway.yaml", "/");
  if (!loaded) FAIL(msctl::base::to_text(loaded.error().front()));
  return *loaded;
}

}  // namespace

TEST_CASE("what is printed reads as the same configuration") {
  auto first = load(R"(
listeners: [{address: "0.0.0.0:8080"}, {address: "[::1]:0"}]
limits: {headerTimeout: 1m30s, bodyTimeout: 250ms, headerBytes: 16KiB, bodyBytes: 1000}
defaults: {timeout: 2s, connectTimeout: 100ms, idleTimeout: 1h}
upstreams: {orders: {endpoints: ["127.0.0.1:9001", "127.0.0.1:9002"]}}
trustedProxies: [10.0.0.0/8]
accessLog: false
admin: {socket: /run/admin.sock}
routes:
  - name: orders
    upstream: orders
    match: {path: "/orders/{id}", methods: [GET, POST], host: "*.shop.example", headers: {X-Beta: "1"}, query: {v: "yes"}}
    authentication: none
    rateLimit: {quota: 100, window: 1m, by: "header:X-Tenant"}
    request: {stripPrefix: /orders, replacePrefix: /v2, headers: {set: {A: "{path.id}"}, add: {B: b}, remove: [C], rename: {D: E}}}
    response: {headers: {set: {X-Served-By: "{upstream.replica}"}}}
    timeout: 3s
    idleTimeout: 5m
  - match: {path: /teapot}
    respond: {status: 418, body: "short: and stout", headers: {X: "0755"}}
)");
  auto printed = config::to_json(first);
  auto second = load(msctl::yaml::write(printed));
  CHECK(config::to_json(second) == printed);
  REQUIRE(second.routes.size() == 2);
  CHECK(second.routes[0].rate_limit->header == "X-Tenant");
  CHECK(second.routes[0].match.query == first.routes[0].match.query);
  CHECK(second.routes[0].request.headers.rename == first.routes[0].request.headers.rename);
  CHECK(second.routes[1].respond->headers == first.routes[1].respond->headers);
  CHECK(second.limits.header_timeout == std::chrono::seconds(90));
  CHECK(second.limits.body_bytes == 1000);
  CHECK_FALSE(second.access_log);
}

TEST_CASE("an empty configuration prints its defaults") {
  auto printed = config::to_json(load("{}"));
  CHECK(printed["defaults"]["timeout"] == "5s");
  CHECK(printed["limits"]["bodyBytes"] == "8MiB");
  CHECK_FALSE(printed.contains("routes"));
}
