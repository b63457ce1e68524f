#include "runtime/analysis/histogram.h"

#include <cmath>

#include "tests/catch.h"

using namespace msctl::analysis;

namespace {

// A million requests, log-normal with median 40 ms and sigma 0.6: the shares are exact.
Histogram log_normal() {
  Histogram h{{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1}, {}};
  for (double bound : h.bounds)
    h.cumulative.push_back(
        static_cast<std::uint64_t>(1e6 * 0.5 * std::erfc(-std::log(bound / 0.04) / 0.6 / std::sqrt(2.0))));
  h.cumulative.push_back(1000000);
  return h;
}

}  // namespace

TEST_CASE("quantiles of a log-normal distribution are found between the bounds") {
  const Histogram h = log_normal();
  CHECK(quantile(h, 0.5) == Approx(0.04).epsilon(0.001));
  CHECK(quantile(h, 0.9) == Approx(0.04 * std::exp(1.2815516 * 0.6)).epsilon(0.001));
  CHECK(quantile(h, 0.99) == Approx(0.04 * std::exp(2.3263479 * 0.6)).epsilon(0.001));
  CHECK(count_above(h, 0.06) ==
        Approx(1e6 * 0.5 * std::erfc(std::log(1.5) / 0.6 / std::sqrt(2.0))).epsilon(0.001));
}

TEST_CASE("what is above the last bound has no value, and at a bound nothing is guessed") {
  const Histogram h{{0.1, 1}, {50, 60, 100}};
  CHECK(std::isinf(quantile(h, 0.9)));
  CHECK(bucket_of(h, 0.5) == 0);
  CHECK(bucket_of(h, 0.51) == 1);
  CHECK(quantile(h, 0.5) == Approx(0.1));
  CHECK(count_above(h, 0.1) == 50);
  CHECK(count_above(h, 1) == 40);
  CHECK(count_above(h, 7) == 40);
  CHECK(count_above(h, 0.0001) == 100);
  CHECK(share_in_bucket(h, 1) == Approx(0.1));
}

TEST_CASE("between bounds the count falls as the time grows") {
  const Histogram h{{0.1, 1, 10}, {0, 1000, 1000, 1000}};
  double before = 1001;
  for (double seconds = 0.11; seconds < 1; seconds += 0.05) {
    const double above = count_above(h, seconds);
    CHECK(above < before);
    CHECK(above >= 0);
    before = above;
  }
  CHECK(count_above({}, Place{}) == 0);
}
