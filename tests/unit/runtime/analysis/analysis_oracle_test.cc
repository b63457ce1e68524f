// Our statistics beside those of SciPy and statsmodels (oracle.py writes their values).

#include <cmath>
#include <vector>

#include "runtime/analysis/distributions.h"
#include "runtime/analysis/exact.h"
#include "runtime/analysis/proportions.h"
#include "tests/catch.h"

using namespace msctl::analysis;

namespace {

struct Numbers {
  std::vector<double> normal, quantile, student, chi, fisher, score, interval, strata;
};

const Numbers& oracle() {
  static const Numbers numbers = [] {
    Numbers n;
    auto put = [](std::vector<double>& to, std::initializer_list<double> values) {
      to.insert(to.end(), values);
    };
#define NORMAL(...) put(n.normal, {__VA_ARGS__});
#define QUANTILE(...) put(n.quantile, {__VA_ARGS__});
#define STUDENT(...) put(n.student, {__VA_ARGS__});
#define CHI(...) put(n.chi, {__VA_ARGS__});
#define FISHER(...) put(n.fisher, {__VA_ARGS__});
#define SCORE(...) put(n.score, {__VA_ARGS__});
#define INTERVAL(...) put(n.interval, {__VA_ARGS__});
#define STRATA(...) put(n.strata, {__VA_ARGS__});
#include "tests/unit/runtime/analysis/oracle.inc"
    return n;
  }();
  return numbers;
}

// Calls `check` with each row of `width` values; there must be some.
void each(const std::vector<double>& values, std::size_t width, auto&& check) {
  REQUIRE(values.size() >= 2 * width);
  for (std::size_t i = 0; i < values.size(); i += width) {
    INFO("row " << i / width);
    check(&values[i]);
  }
}

}  // namespace

TEST_CASE("the distributions agree with SciPy") {
  each(oracle().normal, 2, [](const double* v) { CHECK(normal_tail(v[0]) == Approx(v[1]).epsilon(1e-10)); });
  each(oracle().quantile, 2,
       [](const double* v) { CHECK(normal_quantile(v[0]) == Approx(v[1]).epsilon(1e-9).margin(1e-9)); });
  each(oracle().student, 3,
       [](const double* v) { CHECK(student_tail(v[0], v[1]) == Approx(v[2]).epsilon(1e-9)); });
  each(oracle().chi, 3,
       [](const double* v) { CHECK(chi_square_tail(v[0], v[1]) == Approx(v[2]).epsilon(1e-9)); });
}

TEST_CASE("for one slice the exact test is Fisher's") {
  each(oracle().fisher, 5,
       [](const double* v) { CHECK(exact_tail({{v[0], v[1], v[2], v[3]}}) == Approx(v[4]).epsilon(1e-7)); });
}

TEST_CASE("for one slice the score is Miettinen's and Nurminen's, its fit found by a search") {
  each(oracle().score, 6, [](const double* v) {
    CHECK(score({{v[0], v[1], v[2], v[3]}}, v[4]) == Approx(v[5]).epsilon(1e-6).margin(1e-7));
  });
}

TEST_CASE("the interval holds the differences that the score does not reject") {
  each(oracle().interval, 6, [](const double* v) {
    const Interval ours = interval({{v[0], v[1], v[2], v[3]}}, 0.95);
    CHECK(ours.low == Approx(v[4]).epsilon(1e-5).margin(1e-7));
    CHECK(ours.high == Approx(v[5]).epsilon(1e-5).margin(1e-7));
  });
}

TEST_CASE("over slices: Mantel's and Haenszel's statistic, and the exact distribution by brute force") {
  each(oracle().strata, 14, [](const double* v) {
    std::vector<Stratum> strata;
    for (int i = 0; i < 3; ++i) strata.push_back({v[4 * i], v[4 * i + 1], v[4 * i + 2], v[4 * i + 3]});
    const double z = score(strata, 0);
    CHECK(z * z == Approx(v[12]).epsilon(1e-9));
    CHECK(exact_tail(strata) == Approx(v[13]).epsilon(1e-7));
  });
}
