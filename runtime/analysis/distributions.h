// Tails of the distributions that tests need. Written here because Debian has them for C++ only in a header
// package of 140 MB; tests/unit/runtime/analysis holds them against SciPy.
#pragma once

namespace msctl::analysis {

double normal_tail(double z);                          // P(Z > z)
double normal_quantile(double p);                      // z with P(Z ≤ z) = p; ±infinity at 1 and 0
double student_tail(double t, double degrees);         // P(T > t)
double chi_square_tail(double value, double degrees);  // P(X > value)

// ln of P(X = x), of x marked ones among n drawn from `all`, of which `marked` are marked.
double log_hypergeometric(double x, double n, double marked, double all);

}  // namespace msctl::analysis
