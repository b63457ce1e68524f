#include <algorithm>
#include <cmath>

#include "runtime/analysis/distributions.h"
#include "runtime/analysis/metrics.h"

namespace msctl::analysis {
namespace {

constexpr double kPower = 0.9;

// Farrington and Manning 1990, section 3, with the variances of both hypotheses; `ratio` is the canary's
// requests by the stable's.
double sample_size(double share, double limit, double ratio, double level) {
  const double margin = limit - share;
  if (margin <= 0 || level <= 0) return 0;
  // At the limit, the best fit lies between the two shares, nearer to that of the version with more requests.
  const double stable = std::max(0.0, share - margin * ratio / (1 + ratio) * 0.5);
  const double canary = stable + margin;
  const double at_limit = canary * (1 - canary) + ratio * stable * (1 - stable);
  const double equal = share * (1 - share) * (1 + ratio);
  const double sum =
      -normal_quantile(level) * std::sqrt(at_limit) + normal_quantile(kPower) * std::sqrt(equal);
  return sum * sum / (margin * margin);
}

// z grows with the root of the requests, as long as the shares stay what they are.
double until_certain(double z, double level, double requests) {
  if (z <= 0 || level <= 0) return HUGE_VAL;
  const double factor = -normal_quantile(level) / z;
  return requests * std::max(0.0, factor * factor - 1);
}

}  // namespace

double requests_needed(const Finding& finding, double stable, double limit) {
  if (finding.passes || finding.is_worse) return 0;
  const double have = finding.canary_requests;
  const double ratio = finding.stable_requests > 0 ? have / finding.stable_requests : 1;
  const double planned = sample_size(stable, limit, ratio, finding.pass_level) * finding.dispersion - have;
  if (planned >= 1) return std::ceil(planned);
  const double either = std::min(until_certain(finding.pass.z, finding.pass_level, have),
                                 until_certain(finding.worse.z, finding.worse_level, have));
  constexpr double far = 10;  // times what there is: beyond that the estimate says nothing
  return std::ceil(std::clamp(either, 1.0, far * std::max(have, 1.0)));
}

}  // namespace msctl::analysis
