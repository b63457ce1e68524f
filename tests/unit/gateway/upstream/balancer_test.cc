#include "gateway/upstream/balancer.h"

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "tests/catch.h"
#include "tests/fakes/clock.h"

namespace msctl::gateway::upstream {
namespace {

struct Replicas {
  std::array<Endpoint, 4> endpoints;
  std::vector<Endpoint*> list;
  fakes::FakeClock clock;
  Random random{42};
  explicit Replicas(std::size_t count) {
    clock.advance(std::chrono::hours{1});
    for (std::size_t i = 0; i < count; ++i) list.push_back(&endpoints[i]);
  }
  int choose(const Endpoint* except = nullptr) { return pick(list, random, clock.now(), except); }
};

TEST_CASE("no endpoint gives none") {
  Replicas r(0);
  CHECK(r.choose() == -1);
}

TEST_CASE("equally busy replicas share evenly") {
  Replicas r(4);
  std::array<int, 4> hits{};
  for (int i = 0; i < 40'000; ++i) ++hits[static_cast<std::size_t>(r.choose())];
  for (int each : hits) {
    CHECK(each > 9'000);
    CHECK(each < 11'000);
  }
}

TEST_CASE("requests that stay in flight spread to within a few of each other") {
  Replicas r(4);
  for (int i = 0; i < 4'000; ++i) r.list[static_cast<std::size_t>(r.choose())]->in_flight++;
  for (const Endpoint* each : r.list) {
    CHECK(each->in_flight > 990);
    CHECK(each->in_flight < 1'010);
  }
}

TEST_CASE("by turns, each is chosen once before any is chosen again, also by several threads") {
  Replicas r(3);
  std::array<std::atomic<int>, 3> hits{};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 3000; ++k) ++hits[static_cast<std::size_t>(pick_by_turns(r.list, r.clock.now()))];
    });
  threads.clear();
  for (const auto& each : hits) CHECK(each == 2000);
  int last = pick_by_turns(r.list, r.clock.now());
  for (int i = 0; i < 100; ++i) {
    int next = pick_by_turns(r.list, r.clock.now());
    CHECK(next != last);
    last = next;
  }
}

TEST_CASE("by turns, the one that failed and those avoided wait for others") {
  Replicas r(3);
  for (int i = 0; i < 10; ++i) CHECK(pick_by_turns(r.list, r.clock.now(), &r.endpoints[1]) != 1);
  avoid(r.endpoints[0], r.clock.now());
  for (int i = 0; i < 10; ++i) CHECK(pick_by_turns(r.list, r.clock.now(), &r.endpoints[1]) == 2);
  CHECK(pick_by_turns({}, r.clock.now()) == -1);
  std::vector<Endpoint*> alone{&r.endpoints[1]};
  CHECK(pick_by_turns(alone, r.clock.now(), &r.endpoints[1]) == 0);
}

TEST_CASE("the busier of two is never chosen") {
  Replicas r(2);
  r.endpoints[0].in_flight = 5;
  for (int i = 0; i < 100; ++i) CHECK(r.choose() == 1);
}

TEST_CASE("the one that failed is not chosen again when there is another") {
  Replicas r(3);
  r.endpoints[0].in_flight = 9;
  r.endpoints[2].in_flight = 9;
  for (int i = 0; i < 100; ++i) CHECK(r.choose(&r.endpoints[1]) != 1);
}

TEST_CASE("one whose connect failed is passed over for a second, unless all are") {
  Replicas r(3);
  r.endpoints[1].in_flight = 100;
  avoid(r.endpoints[0], r.clock.now());
  avoid(r.endpoints[2], r.clock.now());
  for (int i = 0; i < 100; ++i) CHECK(r.choose() == 1);
  avoid(r.endpoints[1], r.clock.now());
  CHECK(r.choose() >= 0);
  r.clock.advance(std::chrono::seconds{2});
  int elsewhere = 0;
  for (int i = 0; i < 100; ++i) elsewhere += r.choose() != 1;
  CHECK(elsewhere == 100);
}

}  // namespace
}  // namespace msctl::gateway::upstream
