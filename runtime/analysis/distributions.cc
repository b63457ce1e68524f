#include "runtime/analysis/distributions.h"

#include <cmath>
#include <limits>

namespace msctl::analysis {
namespace {

constexpr int kMost = 500;  // terms; the fractions below converge in some tens
constexpr double kTiny = 1e-300;
constexpr double kEnough = 1e-15;

// lgamma writes a global for the sign in C; lgamma_r does not, and is not in the C++ library.
double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

// The regularised incomplete beta function by its continued fraction (DLMF 8.17.22), evaluated by Lentz's
// method; it converges fast for x < (a+1)/(a+b+2), the rest by symmetry.
double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incomplete_beta(b, a, 1 - x);
  const double front =
      std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log1p(-x)) / a;
  double c = 1;
  double d = 1 / (1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m < kMost; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    fraction *= d * c;
    if (std::abs(d * c - 1) < kEnough) break;
  }
  return front * fraction;
}

// The upper regularised incomplete gamma function: its series (DLMF 8.7.1) or its continued fraction
// (DLMF 8.9.2).
double upper_gamma(double a, double x) {
  if (x <= 0) return 1;
  const double front = std::exp(a * std::log(x) - x - log_gamma(a));
  if (x < a + 1) {
    double term = 1 / a;
    double sum = term;
    for (int n = 1; n < kMost && term > sum * kEnough; ++n) sum += term *= x / (a + n);
    return 1 - front * sum;
  }
  double b = x + 1 - a;
  double c = 1 / kTiny;
  double d = 1 / b;
  double fraction = d;
  for (int n = 1; n < kMost; ++n) {
    const double step = -n * (n - a);
    b += 2;
    d = 1 / (step * d + b);
    c = b + step / c;
    fraction *= d * c;
    if (std::abs(d * c - 1) < kEnough) break;
  }
  return front * fraction;
}

double log_choose(double n, double k) {
  return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1);
}

}  // namespace

double normal_tail(double z) {
  return 0.5 * std::erfc(z / std::sqrt(2.0));
}

double normal_quantile(double p) {
  if (p <= 0) return -std::numeric_limits<double>::infinity();
  if (p >= 1) return std::numeric_limits<double>::infinity();
  if (p > 0.5) return -normal_quantile(1 - p);
  // Abramowitz and Stegun 26.2.23 is good to 4.5e-4; Newton's method on the logarithm of the tail does the
  // rest.
  const double t = std::sqrt(-2 * std::log(p));
  double z =
      t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (int i = 0; i < 4; ++i) {
    const double tail = normal_tail(z);
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * M_PI);
    z += (std::log(tail) - std::log(p)) * tail / density;
  }
  return -z;
}

double student_tail(double t, double degrees) {
  if (std::isinf(t)) return t > 0 ? 0 : 1;
  const double both = incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t));
  return t > 0 ? both / 2 : 1 - both / 2;
}

double chi_square_tail(double value, double degrees) {
  return upper_gamma(degrees / 2, value / 2);
}

double log_hypergeometric(double x, double n, double marked, double all) {
  return log_choose(marked, x) + log_choose(all - marked, n - x) - log_choose(all, n);
}

}  // namespace msctl::analysis
