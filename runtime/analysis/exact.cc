// The number of the canary's events in one slice is hypergeometric; over the slices they are independent, so
// their sum's probabilities are the convolution. Each factor is cut where it no longer adds anything to the
// sum.

#include "runtime/analysis/exact.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "runtime/analysis/distributions.h"

namespace msctl::analysis {
namespace {

constexpr double kNothing = 1e-22;

// Probabilities of first, first + 1, …
struct Masses {
  double first = 0;
  std::vector<double> p;
};

Masses hypergeometric(const Stratum& s) {
  const double all = s.stable + s.canary;
  const double marked = s.stable_events + s.canary_events;
  const double n = s.canary;
  const double least = std::max(0.0, n + marked - all);
  const double most = std::min(n, marked);
  const double mode = std::clamp(std::floor((n + 1) * (marked + 1) / (all + 2)), least, most);
  const double top = std::exp(log_hypergeometric(mode, n, marked, all));
  // P(x + 1) / P(x)
  auto ratio = [&](double x) { return (marked - x) * (n - x) / ((x + 1) * (all - marked - n + x + 1)); };
  std::vector<double> below;
  double x = mode;
  for (double p = top; x > least && (p /= ratio(x - 1)) > top * kNothing; --x) below.push_back(p);
  Masses result{x, {below.rbegin(), below.rend()}};
  result.p.push_back(top);
  x = mode;
  for (double p = top; x < most && (p *= ratio(x)) > top * kNothing; ++x) result.p.push_back(p);
  return result;
}

Masses sum(const Masses& a, const Masses& b) {
  Masses result{a.first + b.first, std::vector<double>(a.p.size() + b.p.size() - 1)};
  for (std::size_t i = 0; i < a.p.size(); ++i)
    for (std::size_t j = 0; j < b.p.size(); ++j) result.p[i + j] += a.p[i] * b.p[j];
  const double least = *std::ranges::max_element(result.p) * kNothing;
  while (result.p.back() < least) result.p.pop_back();
  const auto begin = std::ranges::find_if(result.p, [&](double p) { return p >= least; });
  result.first += static_cast<double>(begin - result.p.begin());
  result.p.erase(result.p.begin(), begin);
  return result;
}

}  // namespace

double exact_tail(const std::vector<Stratum>& strata) {
  Masses all{0, {1}};
  double seen = 0;
  for (const Stratum& s : strata) {
    const double events = s.stable_events + s.canary_events;
    if (events == 0 || s.stable == 0 || s.canary == 0) continue;
    seen += s.canary_events;
    all = sum(all, hypergeometric(s));
  }
  double tail = 0;
  for (std::size_t i = all.p.size(); i-- > 0 && all.first + static_cast<double>(i) >= seen;) tail += all.p[i];
  // What was cut off may be all that is left: then the bound is the answer.
  return std::clamp(tail, kNothing, 1.0);
}

}  // namespace msctl::analysis
