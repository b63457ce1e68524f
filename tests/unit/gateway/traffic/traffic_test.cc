#include "gateway/traffic/traffic.h"

#include "gateway/traffic/document.h"
#include "gateway/traffic/window.h"
#include "tests/catch.h"
#include "tests/fakes/clock.h"

using namespace msctl;
using namespace msctl::gateway::traffic;
using std::chrono::seconds;

namespace {

Totals totals(std::uint64_t requests, std::uint64_t errors = 0, std::uint64_t in_flight = 0) {
  Totals out{requests, errors, in_flight, {}};
  out.buckets[3] = requests;
  return out;
}

Flow flow_with(std::initializer_list<std::pair<std::size_t, std::uint64_t>> counts) {
  Flow out;
  for (const auto& [bucket, count] : counts) out.buckets[bucket] = count;
  return out;
}

}  // namespace

TEST_CASE("what is told is what happened since the note that is half a minute old", "[traffic]") {
  fakes::FakeClock clock;
  Window window;
  // Ten requests a second for a minute, noted every five seconds.
  for (std::uint64_t i = 0; i <= 12; ++i) {
    window.note(clock.now(), {{"orders", totals(50 * i)}});
    clock.advance(seconds(5));
  }
  clock.advance(seconds(-5) + std::chrono::milliseconds(2500));
  const Traffic told = window.until(clock.now(), {{"orders", totals(625, 5, 3)}});
  CHECK(told.seconds == 32.5);
  const Flow& orders = told.upstreams.at("orders");
  CHECK(orders.requests == 325);
  CHECK(orders.per_second == 10);
  CHECK(orders.errors == 5);
  CHECK(orders.in_flight == 3);
  CHECK(orders.buckets[3] == 325);
  CHECK(orders.buckets[4] == 0);
}

TEST_CASE("just after the start fewer seconds are looked at, and told", "[traffic]") {
  fakes::FakeClock clock;
  Window window;
  window.note(clock.now(), {});
  clock.advance(seconds(4));
  const Traffic told = window.until(clock.now(), {{"orders", totals(8)}});
  CHECK(told.seconds == 4);
  CHECK(told.upstreams.at("orders").per_second == 2);
  // What happens in the first moment is not taken for what happens all the time.
  Window fresh;
  fresh.note(clock.now(), {});
  clock.advance(std::chrono::milliseconds(1));
  CHECK(fresh.until(clock.now(), {{"orders", totals(2)}}).upstreams.at("orders").per_second == 2);
}

TEST_CASE("an upstream that a reload brings counts from nothing, one that is gone is not told", "[traffic]") {
  fakes::FakeClock clock;
  Window window;
  window.note(clock.now(), {{"old", totals(100)}});
  clock.advance(seconds(10));
  const Traffic told = window.until(clock.now(), {{"new", totals(20)}});
  CHECK(told.upstreams.size() == 1);
  CHECK(told.upstreams.at("new").requests == 20);
}

TEST_CASE("a counter that fell has begun anew", "[traffic]") {
  fakes::FakeClock clock;
  Window window;
  window.note(clock.now(), {{"orders", totals(1000)}});
  clock.advance(seconds(10));
  CHECK(window.until(clock.now(), {{"orders", totals(30)}}).upstreams.at("orders").requests == 30);
}

TEST_CASE("quantiles are taken of the sum", "[traffic]") {
  CHECK(Flow{}.quantile(0.95) == 0);
  // 100 requests between 5 and 10 ms: evenly.
  CHECK(flow_with({{4, 100}}).quantile(0.5) == Approx(0.0075));
  // One replica is fast, the other slow: p95 of both is neither's own, nor the mean of both.
  Flow both = flow_with({{0, 90}});
  both.add(flow_with({{9, 10}}));
  CHECK(both.quantile(0.5) == Approx(0.0005 * 50 / 90));
  CHECK(both.quantile(0.95) == Approx(0.25 + 0.25 * 0.5));
  CHECK(flow_with({{bounds.size(), 1}}).quantile(0.5) == 10);
}

TEST_CASE("replicas' numbers add up", "[traffic]") {
  Flow a{10, 1, 2, {}, 0.5, 0.05}, b{30, 0, 1, {}, 1, 0};
  a.add(b);
  CHECK(a.requests == 40);
  CHECK(a.in_flight == 3);
  CHECK(a.per_second == 1.5);
  CHECK(a.errors_per_second == 0.05);
}

TEST_CASE("what is written is read", "[traffic]") {
  Traffic traffic;
  traffic.seconds = 30.25;
  traffic.upstreams["orders"] = flow_with({{2, 7}});
  traffic.upstreams["orders"].requests = 7;
  traffic.upstreams["orders"].per_second = 0.25;
  auto read = from_json(to_json(traffic));
  REQUIRE(read);
  CHECK(read->seconds == 30.25);
  CHECK(read->upstreams.at("orders").buckets[2] == 7);
  CHECK(read->upstreams.at("orders").per_second == 0.25);
}

TEST_CASE("what cannot be added is refused", "[traffic]") {
  const std::string good = to_json({30, {{"orders", {}}}});
  REQUIRE(from_json(good));
  auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return from_json(text);
  };
  for (const auto& broken :
       {from_json(""), from_json("[]"), from_json("{}"), with("0.0005", "0.0006"),
        with("\"requests\":0", "\"requests\":-1"), with("\"requests\":0", "\"requests\":1e99"),
        with("\"seconds\":30.0", "\"seconds\":null"), with("\"buckets\":[0", "\"buckets\":[0,0")}) {
    REQUIRE_FALSE(broken);
    CHECK(broken.error().code == base::Code::badCounters);
  }
}
