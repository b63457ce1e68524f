#include "runtime/analysis/metrics.h"

namespace msctl::analysis {

Finding judge_errors(const Slices& slices, const Tolerances& tolerances, const Levels& levels) {
  // Significant is not enough, it has to matter: by half of what is tolerated.
  constexpr double matters = 0.5;
  std::vector<Stratum> strata;
  Finding finding;
  finding.metric = "errors";
  for (const Both& slice : slices.all()) {
    strata.push_back({static_cast<double>(slice.stable.requests), static_cast<double>(slice.stable.errors),
                      static_cast<double>(slice.canary.requests), static_cast<double>(slice.canary.errors)});
    finding.stable_requests += strata.back().stable;
    finding.stable_events += strata.back().stable_events;
    finding.canary_requests += strata.back().canary;
    finding.canary_events += strata.back().canary_events;
  }
  finding.stable = finding.stable_events / finding.stable_requests;
  finding.canary = finding.canary_events / finding.canary_requests;
  finding.limit = finding.stable + tolerances.errors;
  finding.interval = interval(strata, 0.95);
  const Dispersion scatter = dispersion(strata);
  finding.dispersion = scatter.factor;
  finding.pass = allow_for(within(strata, tolerances.errors), scatter);
  finding.pass_level = levels.pass;
  finding.worse = allow_for(more(strata), scatter);
  finding.worse_level = levels.worse;
  finding.passes = finding.pass.p <= levels.pass;
  finding.is_worse = finding.worse.p <= levels.worse && difference(strata) >= matters * tolerances.errors &&
                     allow_for(more(without_worst(strata)), scatter).p <= levels.worse;
  finding.more_requests = requests_needed(finding, finding.stable, finding.limit);
  return finding;
}

}  // namespace msctl::analysis
