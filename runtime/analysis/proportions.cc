#include "runtime/analysis/proportions.h"

#include <algorithm>
#include <cmath>

#include "runtime/analysis/distributions.h"
#include "runtime/analysis/exact.h"

namespace msctl::analysis {
namespace {

double weight(const Stratum& s) {
  const double all = s.stable + s.canary;
  return all > 0 ? s.stable * s.canary / all : 0;
}

double rate_difference(const Stratum& s) {
  return s.canary_events / s.canary - s.stable_events / s.stable;
}

// The canary's share that fits best if it is greater than the stable's by exactly `margin`: the root of a
// cubic in (0, 1) in closed form (Farrington and Manning 1990, appendix).
double restricted_canary(const Stratum& s, double margin) {
  const double ratio = s.stable / s.canary;
  const double canary = s.canary_events / s.canary;
  const double stable = s.stable_events / s.stable;
  const double a = 1 + ratio;
  const double b = -(1 + ratio + canary + ratio * stable + margin * (ratio + 2));
  const double c = margin * margin + margin * (2 * canary + ratio + 1) + canary + ratio * stable;
  const double d = -canary * margin * (1 + margin);
  const double v = std::pow(b / (3 * a), 3) - b * c / (6 * a * a) + d / (2 * a);
  const double square = std::max(0.0, std::pow(b / (3 * a), 2) - c / (3 * a));
  const double u = std::copysign(std::sqrt(square), v);
  const double cube = u * u * u;
  const double angle = (M_PI + std::acos(cube == 0 ? 0 : std::clamp(v / cube, -1.0, 1.0))) / 3;
  return std::clamp(2 * u * std::cos(angle) - b / (3 * a), std::max(0.0, margin), std::min(1.0, 1 + margin));
}

double variance(const Stratum& s, double margin) {
  const double canary = restricted_canary(s, margin);
  const double stable = std::clamp(canary - margin, 0.0, 1.0);
  const double all = s.stable + s.canary;
  const double small_sample = all > 1 ? all / (all - 1) : 1;
  return (canary * (1 - canary) / s.canary + stable * (1 - stable) / s.stable) * small_sample;
}

// What the score is made of: by how much the canary's events exceed the margin, and the variance of that.
struct Score {
  double excess = 0, variance = 0;
};

Score parts(const std::vector<Stratum>& strata, double margin) {
  Score result;
  for (const Stratum& s : strata) {
    const double w = weight(s);
    if (w == 0) continue;
    result.excess += w * (rate_difference(s) - margin);
    result.variance += w * w * variance(s, margin);
  }
  return result;
}

double in_deviations(double value, double variance) {
  if (variance > 0) return value / std::sqrt(variance);
  return value == 0 ? 0 : std::copysign(HUGE_VAL, value);
}

}  // namespace

double score(const std::vector<Stratum>& strata, double difference) {
  const Score at = parts(strata, difference);
  return in_deviations(at.excess, at.variance);
}

Test more(const std::vector<Stratum>& strata) {
  constexpr double clear = 2;
  constexpr double large = 10000;
  const Score at = parts(strata, 0);
  if (at.variance == 0) return {};
  Test result;
  result.z = in_deviations(at.excess, at.variance);
  if (result.z < clear || at.variance > large) {
    result.p = normal_tail(in_deviations(at.excess - 0.5, at.variance));
    return result;
  }
  result.p = exact_tail(strata);
  result.exact = true;
  return result;
}

Test within(const std::vector<Stratum>& strata, double margin) {
  const Score at = parts(strata, margin);
  if (at.variance == 0) return {};
  Test result;
  result.z = in_deviations(-at.excess - 0.5, at.variance);
  result.p = normal_tail(result.z);
  return result;
}

double difference(const std::vector<Stratum>& strata) {
  double sum = 0;
  double weights = 0;
  for (const Stratum& s : strata) {
    const double w = weight(s);
    if (w == 0) continue;
    sum += w * rate_difference(s);
    weights += w;
  }
  return weights > 0 ? sum / weights : 0;
}

Interval interval(const std::vector<Stratum>& strata, double confidence) {
  const double far = normal_quantile(0.5 + confidence / 2);
  const double middle = difference(strata);
  // The score falls as the difference grows: halve the range until nothing is left of it.
  auto find = [&](double outside, double level) {
    double inside = middle;
    for (int i = 0; i < 60; ++i) {
      const double half = (inside + outside) / 2;
      const bool beyond = std::abs(score(strata, half)) > level;
      (beyond ? outside : inside) = half;
    }
    return inside;
  };
  if (parts(strata, middle).variance == 0 &&
      std::ranges::all_of(strata, [](auto& s) { return weight(s) == 0; }))
    return {};
  return {find(-1, far), find(1, far)};
}

Dispersion dispersion(const std::vector<Stratum>& strata) {
  constexpr double enough = 2;  // variance in a group: below, single events make the statistic jump
  constexpr double doubtful = 0.05;
  const double common = difference(strata);
  double statistic = 0;
  int groups = 0;
  Score group;
  for (const Stratum& s : strata) {
    const double w = weight(s);
    if (w == 0) continue;
    group.excess += w * (rate_difference(s) - common);
    group.variance += w * w * variance(s, common);
    if (group.variance < enough) continue;
    statistic += group.excess * group.excess / group.variance;
    ++groups;
    group = {};
  }
  if (groups < 3) return {};
  const double degrees = groups - 1;
  if (statistic <= degrees || chi_square_tail(statistic, degrees) > doubtful) return {};
  return {statistic / degrees, degrees};
}

Test allow_for(const Test& test, const Dispersion& dispersion) {
  if (dispersion.degrees == 0) return test;
  const double wider = student_tail(test.z / std::sqrt(dispersion.factor), dispersion.degrees);
  Test result = test;
  result.z = test.z / std::sqrt(dispersion.factor);
  if (wider > test.p) {
    result.p = wider;
    result.exact = false;
  }
  return result;
}

std::vector<Stratum> without_worst(const std::vector<Stratum>& strata) {
  auto against = [](const Stratum& s) {
    const double w = weight(s);
    return w == 0 ? 0 : w * rate_difference(s);
  };
  auto result = strata;
  const auto worst = std::ranges::max_element(result, {}, against);
  if (worst != result.end()) result.erase(worst);
  return result;
}

}  // namespace msctl::analysis
