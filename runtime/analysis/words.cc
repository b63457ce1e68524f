#include "runtime/analysis/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "runtime/base/units.h"

namespace msctl::analysis {
namespace {

std::string share(double value) {
  return fmt::format("{:.3g} %", value * 100);
}

std::string seconds(double value) {
  if (std::isinf(value)) return "more than the last bucket";
  if (value < 0.001) return fmt::format("{:.3g} us", value * 1e6);
  if (value < 1) return fmt::format("{:.3g} ms", value * 1e3);
  return fmt::format("{:.3g} s", value);
}

std::string chance(double p) {
  return p < 1e-15 ? "p < 1e-15" : fmt::format("p = {:.2g}", p);
}

std::string worse(const Finding& f) {
  if (!f.bound)
    return fmt::format(
        "{} of the new version's requests fail, {} of the stable one's ({:.0f} of {:.0f}, {:.0f} of {:.0f}; "
        "{})",
        share(f.canary), share(f.stable), f.canary_events, f.canary_requests, f.stable_events,
        f.stable_requests, chance(f.worse.p));
  return fmt::format(
      "{} is {} in the new version, {} in the stable one (slower than {}: {:.0f} of {:.0f}, {:.0f} of "
      "{:.0f}; {})",
      f.metric, seconds(f.canary), seconds(f.stable), seconds(*f.bound), f.canary_events, f.canary_requests,
      f.stable_events, f.stable_requests, chance(f.worse.p));
}

std::string joined(const std::vector<Finding>& findings, auto&& which) {
  std::string result;
  for (const Finding& finding : findings)
    if (which(finding)) result += (result.empty() ? "" : ", ") + finding.metric;
  return result;
}

std::string undecided(const Judgement& judgement) {
  const auto& findings = judgement.findings;
  if (judgement.reason == Reason::no_traffic)
    return judgement.canary_requests == 0 ? "the new version has served no request"
                                          : "the stable version has served no request to compare with";
  if (judgement.reason == Reason::early) return "nothing speaks against the new version so far";
  const std::string coarse = joined(findings, [](auto& f) { return f.coarse; });
  const std::string too_coarse = fmt::format(
      "the histogram's buckets are too coarse to tell {}: nearly all requests are in one, or above the last",
      coarse);
  if (judgement.reason == Reason::coarse) return too_coarse;
  std::string text =
      fmt::format("{} requests of the new version are too few to tell {}", judgement.canary_requests,
                  joined(findings, [](auto& f) { return !f.passes && !f.coarse; }));
  if (judgement.more_requests) {
    text += fmt::format("; about {:.0f} more are needed", *judgement.more_requests);
    const auto whole = std::chrono::ceil<std::chrono::seconds>(*judgement.more_time);
    text += fmt::format(", {} at the present rate", base::to_string(whole));
  }
  if (!coarse.empty()) text += "; " + too_coarse;
  return text;
}

}  // namespace

std::string words(const Judgement& judgement) {
  const auto& findings = judgement.findings;
  if (judgement.verdict == Verdict::better_or_equal)
    return fmt::format(
        "the new version is not worse: {} within what is tolerated, in {} requests of the new version",
        joined(findings, [](auto&) { return true; }), judgement.canary_requests);
  if (judgement.verdict == Verdict::undecided) return undecided(judgement);
  // The most certain one first: the others often follow from it.
  const auto first = std::ranges::min_element(
      findings, {}, [](const Finding& f) { return f.is_worse ? f.worse.p / f.worse_level : 2; });
  std::string text = worse(*first);
  const std::string others =
      joined(findings, [&](const Finding& f) { return f.is_worse && f.metric != first->metric; });
  if (!others.empty()) text += fmt::format("; also worse: {}", others);
  return text;
}

}  // namespace msctl::analysis
