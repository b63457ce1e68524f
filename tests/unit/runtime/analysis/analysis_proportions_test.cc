#include "runtime/analysis/proportions.h"

#include "runtime/analysis/spending.h"
#include "tests/catch.h"

using namespace msctl::analysis;

TEST_CASE("without requests of both versions nothing is known") {
  for (const Stratum& one : {Stratum{}, Stratum{100, 3, 0, 0}, Stratum{0, 0, 100, 3}}) {
    CHECK(more({one}).p == 1);
    CHECK(within({one}, 0.01).p == 1);
    CHECK(difference({one}) == 0);
    CHECK(interval({one}, 0.95).low == -1);
    CHECK(interval({one}, 0.95).high == 1);
  }
  CHECK(more({}).p == 1);
  CHECK(without_worst({}).empty());
}

TEST_CASE("more events than expected are less likely, the more there are") {
  double before = 1;
  for (double events : {1.0, 3.0, 6.0, 10.0, 20.0, 60.0}) {
    const Test test = more({{900, 9, 100, events}, {900, 9, 100, 1}});
    INFO(events << " " << test.p);
    CHECK(test.p < before);
    before = test.p;
  }
  CHECK(before < 1e-15);
}

TEST_CASE("what both meet in one slice accuses neither, though the shares moved") {
  // Added up, the canary has 12 % errors and the stable version 5 %: it only had more of the bad slice.
  const std::vector<Stratum> strata{{1000, 1, 50, 0}, {900, 450, 450, 225}, {7000, 7, 1400, 1}};
  CHECK(more(strata).p > 0.3);
  CHECK(more({{8900, 458, 1900, 226}}).p < 1e-9);
}

TEST_CASE("no errors in few requests do not show that there are none") {
  CHECK(within({{2000, 0, 100, 0}}, 0.01).p > 0.2);
  CHECK(within({{20000, 0, 1000, 0}}, 0.01).p < 0.002);
  CHECK(within({{20000, 200, 20000, 400}}, 0.01).p == Approx(0.5).margin(0.05));
}

TEST_CASE("errors that come in clusters count for less") {
  std::vector<Stratum> even, clustered;
  for (int i = 0; i < 24; ++i) {
    even.push_back({1000, 10, 1000, 13});
    const bool burst = i % 6 == 0;
    clustered.push_back({1000, i % 8 == 0 ? 80.0 : 0.0, 1000, burst ? 78.0 : 0.0});
  }
  CHECK(dispersion(even).factor == 1);
  const Dispersion scatter = dispersion(clustered);
  CHECK(scatter.factor > 10);
  CHECK(allow_for(more(even), dispersion(even)).p < 0.01);
  CHECK(more(clustered).p < 0.01);
  CHECK(allow_for(more(clustered), scatter).p > 0.1);
}

TEST_CASE("the slice that speaks most against the canary can be left out") {
  const auto rest = without_worst({{100, 1, 100, 1}, {100, 0, 100, 30}, {100, 30, 100, 2}});
  REQUIRE(rest.size() == 2);
  CHECK(rest[0].canary_events == 1);
  CHECK(rest[1].canary_events == 2);
}

TEST_CASE("all looks together spend what is permitted, and never more") {
  for (int planned : {1, 5, 12, 60}) {
    double all = 0, at_end = 0;
    for (int look = 1; look <= planned; ++look) {
      all += spent_at(look, planned, 0.05);
      at_end += spent_at_end(look, planned, 0.05);
    }
    CHECK(all == Approx(0.04));
    CHECK(at_end == Approx(0.04));
    for (int look = planned + 1; look <= 20 * planned; ++look) {
      all += spent_at(look, planned, 0.05);
      at_end += spent_at_end(look, planned, 0.05);
      if (spent_at(look, planned, 0.05) <= 0) FAIL("a look without anything to spend");
    }
    CHECK(all <= 0.05);
    CHECK(all > 0.0499);
    CHECK(at_end <= 0.05);
  }
  CHECK(spent_at(0, 12, 0.05) == 0);
  CHECK(spent_at_end(11, 12, 0.05) == 0);
  CHECK(spent_at_end(24, 12, 0.05) == Approx(0.005));
}
