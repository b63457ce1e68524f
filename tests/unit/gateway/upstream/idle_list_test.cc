#include "gateway/upstream/idle_list.h"

#include <memory>

#include "tests/catch.h"
#include "tests/fakes/clock.h"

namespace msctl::gateway::upstream {
namespace {

using namespace std::chrono_literals;

struct Idle final : IdleLink {
  bool closed = false;
  void close_idle() override { closed = true; }
};

TEST_CASE("the latest used is taken first") {
  fakes::FakeClock clock;
  Idle a, b;
  IdleList list;
  list.put(a, clock.now());
  list.put(b, clock.now());
  CHECK(list.size() == 2);
  CHECK(list.take(clock.now(), 1s) == &b);
  CHECK_FALSE(b.idle());
  CHECK(list.take(clock.now(), 1s) == &a);
  CHECK(list.take(clock.now(), 1s) == nullptr);
}

TEST_CASE("one that has been idle for longer than asked stays") {
  fakes::FakeClock clock;
  Idle a;
  IdleList list;
  list.put(a, clock.now());
  clock.advance(2s);
  CHECK(list.take(clock.now(), 2s) == nullptr);
  CHECK(list.take(clock.now(), 3s) == &a);
}

TEST_CASE("one that is destroyed leaves the list") {
  fakes::FakeClock clock;
  Idle a, c;
  auto b = std::make_unique<Idle>();
  IdleList list;
  list.put(a, clock.now());
  list.put(*b, clock.now());
  list.put(c, clock.now());
  b.reset();
  CHECK(list.size() == 2);
  CHECK(list.take(clock.now(), 1s) == &c);
  CHECK(list.take(clock.now(), 1s) == &a);
}

TEST_CASE("close_all asks each to end, once") {
  fakes::FakeClock clock;
  Idle a, b;
  IdleList list;
  list.put(a, clock.now());
  list.put(b, clock.now());
  list.close_all();
  CHECK(a.closed);
  CHECK(b.closed);
  CHECK(list.size() == 0);
}

}  // namespace
}  // namespace msctl::gateway::upstream
