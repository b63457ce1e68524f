#include "gateway/server/timer_wheel.h"

#include <memory>
#include <random>
#include <vector>

#include "tests/catch.h"
#include "tests/fakes/clock.h"

namespace msctl::gateway::server {
namespace {

using namespace std::chrono_literals;

// A timer that remembers when it was called.
struct Probe {
  explicit Probe(fakes::FakeClock& at) : clock(at) {}
  fakes::FakeClock& clock;
  int calls = 0;
  base::Instant called{};
  Timer timer{this, [](void* self) {
                auto& probe = *static_cast<Probe*>(self);
                ++probe.calls;
                probe.called = probe.clock.now();
              }};
};

struct Fixture {
  fakes::FakeClock clock;
  TimerWheel wheel{clock.now()};
  void pass(base::Duration time, base::Duration step = 1ms) {
    for (base::Duration gone{}; gone < time; gone += step) {
      clock.advance(step);
      wheel.advance(clock.now());
    }
  }
};

TEST_CASE("a timer is never early and at most two ticks late") {
  Fixture f;
  std::mt19937 random(7);
  struct Expected {
    std::unique_ptr<Probe> probe;
    base::Instant due;
  };
  std::vector<Expected> all;
  for (int i = 0; i < 2000; ++i) {
    auto after = std::chrono::milliseconds(random() % 200'000);
    auto probe = std::make_unique<Probe>(f.clock);
    f.wheel.set(probe->timer, f.clock.now(), after);
    all.push_back({std::move(probe), f.clock.now() + after});
    if (i % 3 == 0) f.pass(std::chrono::milliseconds(random() % 40));
  }
  f.pass(210s, 4ms);
  for (const Expected& each : all) {
    REQUIRE(each.probe->calls == 1);
    CHECK(each.probe->called >= each.due);
    CHECK(each.probe->called <= each.due + 2 * TimerWheel::tick + 4ms);
  }
  CHECK_FALSE(f.wheel.next(f.clock.now()).has_value());
}

TEST_CASE("next() says how long nothing is due, over gaps of any size") {
  for (base::Duration after : {base::Duration{5ms}, base::Duration{1s}, base::Duration{75s},
                               base::Duration{2h}, base::Duration{50h}}) {
    Fixture f;
    Probe probe(f.clock);
    f.wheel.set(probe.timer, f.clock.now(), after);
    base::Instant due = f.clock.now() + after;
    int rounds = 0;
    while (probe.calls == 0) {
      auto wait = f.wheel.next(f.clock.now());
      REQUIRE(wait.has_value());
      f.clock.advance(std::max(*wait, base::Duration{1ms}));
      f.wheel.advance(f.clock.now());
      REQUIRE(++rounds < 50);  // sleeping, not polling
    }
    CHECK(probe.called >= due);
    CHECK(probe.called <= due + 2 * TimerWheel::tick);
  }
}

TEST_CASE("a deadline moved later fires once, at the later time") {
  Fixture f;
  Probe probe(f.clock);
  f.wheel.set(probe.timer, f.clock.now(), 100ms);
  f.pass(50ms);
  f.wheel.set(probe.timer, f.clock.now(), 500ms);
  f.pass(450ms);
  CHECK(probe.calls == 0);
  f.pass(100ms);
  CHECK(probe.calls == 1);
}

TEST_CASE("a deadline moved earlier fires at the earlier time") {
  Fixture f;
  Probe probe(f.clock);
  f.wheel.set(probe.timer, f.clock.now(), 75s);
  f.wheel.set(probe.timer, f.clock.now(), 20ms);
  f.pass(60ms);
  CHECK(probe.calls == 1);
  f.pass(80s, 8ms);
  CHECK(probe.calls == 1);
}

TEST_CASE("a cancelled timer does not fire, even when cancelled by one of the same moment") {
  Fixture f;
  Probe victim(f.clock);
  Timer killer(&victim, [](void* other) { static_cast<Probe*>(other)->timer.cancel(); });
  // Lists are last in, first out: the killer is called first.
  f.wheel.set(victim.timer, f.clock.now(), 40ms);
  f.wheel.set(killer, f.clock.now(), 40ms);
  f.pass(200ms);
  CHECK(victim.calls == 0);
  CHECK_FALSE(victim.timer.armed());
}

TEST_CASE("a callback may set its own timer again") {
  Fixture f;
  struct Repeater {
    Fixture& f;
    int calls = 0;
    Timer timer{this, [](void* self) {
                  auto& r = *static_cast<Repeater*>(self);
                  ++r.calls;
                  r.f.wheel.set(r.timer, r.f.clock.now(), 16ms);
                }};
  } repeater{f};
  f.wheel.set(repeater.timer, f.clock.now(), 16ms);
  f.pass(1s);
  CHECK(repeater.calls >= 30);
  CHECK(repeater.calls <= 62);
}

}  // namespace
}  // namespace msctl::gateway::server
