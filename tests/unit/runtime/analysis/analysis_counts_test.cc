#include "runtime/analysis/counts.h"

#include "tests/catch.h"

using namespace msctl::analysis;
using namespace std::chrono_literals;

namespace {

Counts counts(std::uint64_t requests, std::uint64_t errors, std::vector<std::uint64_t> cumulative) {
  return {requests, errors, {{0.1, 1}, std::move(cumulative)}};
}

Reading reading(std::string source, std::chrono::seconds at, Counts stable, Counts canary) {
  return {std::move(source), at, {std::move(stable), std::move(canary)}};
}

}  // namespace

TEST_CASE("slices are what counters grew by, over all gateways") {
  Slices slices;
  REQUIRE(slices.add({reading("a", 0s, counts(100, 5, {50, 90, 100}), {}), reading("b", 0s, {}, {})}));
  CHECK(slices.all().empty());
  REQUIRE(slices.add({reading("a", 5s, counts(110, 6, {55, 99, 110}), counts(3, 1, {1, 2, 3})),
                      reading("b", 5s, counts(20, 0, {20, 20, 20}), {})}));
  REQUIRE(slices.all().size() == 1);
  const Both& slice = slices.all()[0];
  CHECK(slice.stable.requests == 30);
  CHECK(slice.stable.errors == 1);
  CHECK(slice.stable.latency.cumulative == std::vector<std::uint64_t>{25, 29, 30});
  CHECK(slice.canary.requests == 3);
  CHECK(slice.canary.latency.cumulative == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(slices.span() == 5s);
}

TEST_CASE("a gateway that began anew counts from zero, one that came later from its first reading") {
  Slices slices;
  REQUIRE(slices.add({reading("a", 0s, counts(100, 5, {50, 90, 100}), {})}));
  REQUIRE(slices.add(
      {reading("a", 5s, counts(7, 0, {7, 7, 7}), {}), reading("b", 5s, counts(900, 0, {1, 2, 900}), {})}));
  CHECK(slices.total().stable.requests == 7);
  CHECK(slices.total().stable.latency.cumulative == std::vector<std::uint64_t>{7, 7, 7});
  REQUIRE(slices.add({reading("b", 9s, counts(901, 1, {1, 2, 901}), {})}));
  CHECK(slices.total().stable.requests == 8);
  CHECK(slices.total().stable.errors == 1);
}

TEST_CASE("nothing before the warm-up counts") {
  Slices slices(10s);
  REQUIRE(slices.add({reading("a", 0s, {}, {})}));
  REQUIRE(slices.add({reading("a", 5s, counts(50, 0, {50, 50, 50}), counts(50, 50, {0, 0, 50}))}));
  REQUIRE(slices.add({reading("a", 11s, counts(70, 0, {70, 70, 70}), counts(60, 55, {0, 0, 60}))}));
  CHECK(slices.all().empty());
  REQUIRE(slices.add({reading("a", 15s, counts(90, 0, {90, 90, 90}), counts(70, 55, {10, 10, 70}))}));
  CHECK(slices.total().canary.requests == 10);
  CHECK(slices.total().canary.errors == 0);
  CHECK(slices.span() == 4s);
}

TEST_CASE("counters that contradict themselves are refused as a whole round") {
  const auto good = reading("good", 5s, counts(9, 0, {9, 9, 9}), {});
  for (const Counts& bad : {counts(3, 4, {1, 2, 3}), counts(3, 0, {1, 2}), counts(3, 0, {2, 1, 3}),
                            Counts{3, 0, {{1, 1}, {1, 2, 3}}}, Counts{3, 0, {{0, 1}, {1, 2, 3}}},
                            Counts{3, 0, {{0.2, 1}, {1, 2, 3}}}}) {
    Slices slices;
    REQUIRE(slices.add({reading("good", 0s, counts(0, 0, {0, 0, 0}), {})}));
    const auto result = slices.add({good, reading("bad", 5s, {}, bad)});
    REQUIRE_FALSE(result);
    CHECK(result.error().code == msctl::base::Code::badCounters);
    CHECK(result.error().message.find("the gateway bad") != std::string::npos);
    CHECK(slices.all().empty());
    REQUIRE(slices.add({good}));
    CHECK(slices.total().stable.requests == 9);
  }
  Slices slices;
  REQUIRE(slices.add({good}));
  CHECK_FALSE(slices.add({reading("good", 4s, counts(9, 0, {9, 9, 9}), {})}));
}
