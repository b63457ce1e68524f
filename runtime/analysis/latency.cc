// Two questions of each quantile. Whether the canary is slower: at the bounds on both sides of the quantile
// (of both versions together, so that the choice favours neither), has it more requests above the bound?
// Whether it is not slower than tolerated: are fewer of its requests above the limit than the quantile
// leaves, where the limit is the stable version's quantile times the tolerance? The first needs no
// assumption. The second interpolates, unless the limit is a bound.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "runtime/analysis/histogram.h"
#include "runtime/analysis/metrics.h"

namespace msctl::analysis {
namespace {

struct AtBound {
  Test test;
  bool without_worst = false;  // certain also without the slice that speaks most for it
  Interval interval;
  double stable_events = 0, canary_events = 0;
  double scatter = 1;
};

std::vector<Stratum> above(const Slices& slices, const Place& stable, const Place& canary) {
  std::vector<Stratum> strata;
  for (const Both& slice : slices.all())
    strata.push_back(
        {static_cast<double>(slice.stable.latency.count()), count_above(slice.stable.latency, stable),
         static_cast<double>(slice.canary.latency.count()), count_above(slice.canary.latency, canary)});
  return strata;
}

AtBound test_at(const Slices& slices, std::size_t bound, double level) {
  const Place place{bound, 0};
  const auto strata = above(slices, place, place);
  const Dispersion scatter = dispersion(strata);
  AtBound result;
  result.test = allow_for(more(strata), scatter);
  result.without_worst = result.test.p <= level && allow_for(more(without_worst(strata)), scatter).p <= level;
  result.interval = interval(strata, 0.95);
  result.scatter = scatter.factor;
  for (const Stratum& s : strata) {
    result.stable_events += s.stable_events;
    result.canary_events += s.canary_events;
  }
  return result;
}

std::vector<std::size_t> bounds_around(const Histogram& both, double at) {
  const std::size_t bucket = bucket_of(both, at);
  std::vector<std::size_t> result;
  if (bucket > 0) result.push_back(bucket - 1);
  if (bucket < both.bounds.size()) result.push_back(bucket);
  return result;
}

std::string name_of(double quantile) {
  return fmt::format("p{:g}", quantile * 100);
}

void judge_pass(Finding& finding, const Slices& slices, const Both& total, double at,
                const Tolerances& tolerances) {
  if (std::isinf(finding.stable)) {
    finding.coarse = true;
    return;
  }
  const Histogram& stable = total.stable.latency;
  const bool negligible = finding.limit <= tolerances.negligible;
  const double limit = std::max(finding.limit, tolerances.negligible);
  const Place at_quantile = place_of(stable, finding.stable);
  const Place at_limit = place_of(total.canary.latency, limit);
  const auto strata = above(slices, at_quantile, at_limit);
  const Dispersion scatter = dispersion(strata);
  finding.pass = allow_for(within(strata, 0), scatter);
  finding.limit = limit;
  // A canary as fast as the stable version would have so many above the limit.
  const double expected = count_above(stable, limit) / static_cast<double>(stable.count());
  const bool at_bound = std::ranges::find(stable.bounds, limit) != stable.bounds.end();
  finding.coarse =
      !(negligible && at_bound) &&
      (share_in_bucket(stable, at_quantile.bucket) > tolerances.coarse ||
       (!at_bound && share_in_bucket(stable, at_limit.bucket) > tolerances.coarse) || expected >= 1 - at);
  finding.passes = !finding.coarse && finding.pass.p <= finding.pass_level;
  finding.more_requests = finding.coarse ? 0 : requests_needed(finding, expected, 1 - at);
}

}  // namespace

std::vector<Finding> judge_latency(const Slices& slices, const Tolerances& tolerances, const Levels& levels) {
  const Both total = slices.total();
  const Histogram& stable = total.stable.latency;
  const Histogram& canary = total.canary.latency;
  if (stable.count() == 0 || canary.count() == 0) return {};
  Counts both = total.stable;
  add(both, total.canary);

  std::set<std::size_t> bounds;
  for (double at : tolerances.quantiles)
    for (std::size_t bound : bounds_around(both.latency, at)) bounds.insert(bound);
  const double level = levels.worse / static_cast<double>(std::max<std::size_t>(bounds.size(), 1));
  std::map<std::size_t, AtBound> tests;
  for (std::size_t bound : bounds) tests.emplace(bound, test_at(slices, bound, level));

  std::vector<Finding> findings;
  for (double at : tolerances.quantiles) {
    Finding finding;
    finding.metric = name_of(at);
    finding.stable = quantile(stable, at);
    finding.canary = quantile(canary, at);
    finding.limit = finding.stable * tolerances.latency;
    finding.stable_requests = static_cast<double>(stable.count());
    finding.canary_requests = static_cast<double>(canary.count());
    finding.worse_level = level;
    finding.pass_level = levels.pass;
    // Significant is not enough, it has to matter: by half of what is tolerated, in the logarithm.
    const bool matters = finding.canary > tolerances.negligible &&
                         finding.canary >= finding.stable * std::sqrt(tolerances.latency);
    for (std::size_t bound : bounds_around(both.latency, at)) {
      const AtBound& found = tests.at(bound);
      if (finding.bound && found.test.p >= finding.worse.p) continue;
      finding.bound = stable.bounds[bound];
      finding.worse = found.test;
      finding.interval = found.interval;
      finding.dispersion = found.scatter;
      finding.stable_events = found.stable_events;
      finding.canary_events = found.canary_events;
      finding.is_worse = matters && found.without_worst;
    }
    judge_pass(finding, slices, total, at, tolerances);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace msctl::analysis
