#include <mutex>
#include <string>
#include <thread>

#include "gateway/telemetry/access_log.h"
#include "gateway/telemetry/counters.h"
#include "tests/catch.h"

namespace msctl::gateway::telemetry {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;

TEST_CASE("threads' counters are added up in the text") {
  Registry registry(2);
  std::size_t orders = registry.route_number("orders", "orders");
  CHECK(registry.route_number("orders", "orders") == orders);
  registry.route(0, orders).answered(Method::get, 200, 3ms);
  registry.route(1, orders).answered(Method::get, 200, 30ms);
  registry.route(1, orders).answered(method_from("BREW"), 503, 1ms);
  registry.route(1, orders).upstream_took(2ms);
  registry.route(0, 0).rejected(base::Code::gatewayNoRoute);
  registry.thread(0).client_opened.add(3);
  registry.thread(0).client_closed.add(1);
  std::string text = registry.text();
  CHECK_THAT(
      text,
      Contains(
          R"(msctl_gateway_requests_total{route="orders",upstream="orders",method="GET",status="200"} 2)"));
  CHECK_THAT(
      text,
      Contains(
          R"(msctl_gateway_requests_total{route="orders",upstream="orders",method="OTHER",status="503"} 1)"));
  CHECK_THAT(
      text,
      Contains(
          R"(msctl_gateway_request_duration_seconds_bucket{route="orders",upstream="orders",le="0.005"} 2)"));
  CHECK_THAT(text,
             Contains(R"(msctl_gateway_request_duration_seconds_count{route="orders",upstream="orders"} 3)"));
  CHECK_THAT(
      text, Contains(R"(msctl_gateway_upstream_duration_seconds_count{route="orders",upstream="orders"} 1)"));
  CHECK_THAT(text, Contains(R"(msctl_gateway_connections{side="client"} 2)"));
  CHECK_THAT(text, Contains(R"(msctl_gateway_rejected_total{route="",reason="no_route"} 1)"));
}

TEST_CASE("what went to an upstream is added up over its routes and the threads") {
  Registry registry(2);
  const std::size_t orders = registry.route_number("orders", "orders");
  const std::size_t beta = registry.route_number("orders-2", "orders");
  const std::size_t own = registry.route_number("teapot", "");
  for (const auto& [thread, number] : {std::pair{0UL, orders}, {1UL, orders}, {1UL, beta}, {0UL, own}})
    registry.route(thread, number).begin();
  registry.route(0, orders).answered(Method::get, 200, 3ms);
  registry.route(1, beta).answered(Method::post, 502, 20s);
  registry.route(0, 0).answered(Method::get, 404, 1ms);
  const auto totals = registry.totals();
  REQUIRE(totals.size() == 1);
  const traffic::Totals& told = totals.at("orders");
  CHECK(told.requests == 2);
  CHECK(told.errors == 1);
  CHECK(told.in_flight == 1);
  CHECK(told.buckets[3] == 1);
  CHECK(told.buckets.back() == 1);
}

TEST_CASE("a ring keeps lines whole over its end, and refuses what does not fit") {
  LogRing ring(64);
  std::string out;
  std::string line(30, 'x');
  line += '\n';
  for (int round = 0; round < 50; ++round) {
    CHECK(ring.put(line));
    CHECK(ring.put(line));
    CHECK_FALSE(ring.put(line));
    out.clear();
    CHECK(ring.take_all(out));
    CHECK(out == line + line);
    CHECK_FALSE(ring.take_all(out));
  }
}

TEST_CASE("every line that was taken comes out, each thread's in order") {
  std::mutex mutex;
  std::string written;
  constexpr int count = 2000;
  const std::string time(64, 't');  // all at the same moment
  {
    AccessLog log(2, [&](std::string_view lines) {
      std::lock_guard lock(mutex);
      written += lines;
    });
    auto produce = [&](std::size_t thread) {
      for (int i = 0; i < count; ++i) {
        while (!log.ring(thread).put(time + std::to_string(thread) + ":" + std::to_string(i) + "\n"))
          std::this_thread::yield();
        log.wake();
      }
    };
    std::thread other([&] { produce(1); });
    produce(0);
    other.join();
  }
  std::array<int, 2> next{};
  std::size_t at = 0;
  while (at < written.size()) {
    std::size_t end = written.find('\n', at);
    REQUIRE(end != std::string::npos);
    auto thread = static_cast<std::size_t>(written[at + time.size()] - '0');
    REQUIRE(thread < 2);
    CHECK(written.substr(at + time.size() + 2, end - at - time.size() - 2) == std::to_string(next[thread]++));
    at = end + 1;
  }
  CHECK(next[0] == count);
  CHECK(next[1] == count);
}

}  // namespace
}  // namespace msctl::gateway::telemetry
