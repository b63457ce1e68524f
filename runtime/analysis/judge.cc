#include "runtime/analysis/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/analysis/metrics.h"
#include "runtime/analysis/spending.h"
#include "runtime/analysis/words.h"

namespace msctl::analysis {
namespace {

Levels levels_at(int look, const Plan& plan) {
  const double worse = spent_at(look, plan.looks, plan.false_alarm / std::max(1, plan.steps));
  const double pass = plan.early ? spent_at(look, plan.looks, plan.false_pass)
                                 : spent_at_end(look, plan.looks, plan.false_pass);
  return {worse, pass};
}

// What `requests_needed` reckons with before the look at which a version may pass.
Levels levels_to_reckon(int look, const Plan& plan, Levels levels) {
  const int end = (std::max(look, 1) + plan.looks - 1) / plan.looks * plan.looks;
  if (levels.pass == 0) levels.pass = spent_at_end(end, plan.looks, plan.false_pass);
  return levels;
}

void estimate(Judgement& judgement, const Slices& slices) {
  double more = 0;
  for (const Finding& finding : judgement.findings)
    if (!finding.passes && !finding.coarse) more = std::max(more, finding.more_requests);
  if (more <= 0) return;
  judgement.more_requests = more;
  const double part = more / static_cast<double>(judgement.canary_requests);
  const double nanoseconds = static_cast<double>(slices.span().count()) * part;
  constexpr double year = 365.0 * 86400e9;
  judgement.more_time = base::Duration(static_cast<base::Duration::rep>(std::min(nanoseconds, year)));
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::better_or_equal:
      return "better_or_equal";
    case Verdict::worse:
      return "worse";
    case Verdict::undecided:
      break;
  }
  return "undecided";
}

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::evidence:
      return "evidence";
    case Reason::early:
      return "early";
    case Reason::few_requests:
      return "few_requests";
    case Reason::coarse:
      return "coarse";
    case Reason::no_traffic:
      break;
  }
  return "no_traffic";
}

Judgement judge(const Slices& slices, const Plan& plan, int look) {
  Judgement judgement;
  judgement.look = look;
  const Both total = slices.total();
  judgement.stable_requests = total.stable.requests;
  judgement.canary_requests = total.canary.requests;
  if (total.stable.requests > 0 && total.canary.requests > 0) {
    const Levels levels = levels_at(look, plan);
    const Levels reckoned = levels_to_reckon(look, plan, levels);
    const bool may_pass = levels.pass > 0;
    // Errors get half of what may be spent, all quantiles together the other half.
    judgement.findings.push_back(judge_errors(slices, plan.tolerances, {levels.worse / 2, reckoned.pass}));
    for (Finding& finding : judge_latency(slices, plan.tolerances, {levels.worse / 2, reckoned.pass}))
      judgement.findings.push_back(std::move(finding));
    const auto& findings = judgement.findings;
    const bool all_pass = std::ranges::all_of(findings, &Finding::passes);
    // A metric that is certain to be within its tolerance is not worse, though it may be certain to be
    // different.
    const bool worse =
        std::ranges::any_of(findings, [&](auto& f) { return f.is_worse && !(may_pass && f.passes); });
    const bool open = std::ranges::any_of(findings, [](auto& f) { return !f.passes && !f.coarse; });
    judgement.reason = Reason::evidence;
    if (worse)
      judgement.verdict = Verdict::worse;
    else if (all_pass && may_pass)
      judgement.verdict = Verdict::better_or_equal;
    else
      judgement.reason = all_pass ? Reason::early : open ? Reason::few_requests : Reason::coarse;
    if (judgement.reason == Reason::few_requests) estimate(judgement, slices);
  }
  judgement.text = words(judgement);
  return judgement;
}

}  // namespace msctl::analysis
