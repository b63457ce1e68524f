// Is the canary worse than the stable version? Pure: counters in, a judgement out. docs/canary.md tells which
// tests are used, why, and how often they err.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

#include "runtime/analysis/counts.h"
#include "runtime/analysis/proportions.h"

namespace msctl::analysis {

// What a new version may do worse and still pass.
struct Tolerances {
  // In shares of requests. An absolute difference: at 0.1 % errors nobody can prove a ratio of 1.25 with less
  // than a million requests.
  double errors = 0.01;
  // Each quantile may be so many times the stable version's.
  double latency = 1.25;
  // Seconds; a quantile below passes, whatever its ratio: there, scheduling and network decide, not the
  // version.
  double negligible = 0.0025;
  std::vector<double> quantiles{0.5, 0.9, 0.99};
  // A bucket that holds more than this share of the requests is too coarse to interpolate in; 1: trust each.
  double coarse = 0.9;
};

struct Plan {
  int looks = 12;             // at which a step is judged as planned: an interval
  int steps = 1;              // of the whole rollout that are judged: they share `false_alarm`
  double false_alarm = 0.01;  // that an equal version is called worse, at any look, metric or step
  double false_pass = 0.05;   // that a version worse by more than a tolerance passes a step
  bool early = false;  // may pass before the last planned look (costs requests: the looks share `false_pass`)
  Tolerances tolerances;
};

// undecided covers three cases, see Reason.
enum class Verdict { better_or_equal, worse, undecided };
enum class Reason {
  evidence,      // decided
  early,         // so far nothing speaks against it, and the planned looks are not over
  few_requests,  // more requests will tell
  coarse,        // more requests will not: a quantile lies in a bucket that is too wide
  no_traffic,    // one of the two served nothing
};

std::string_view to_string(Verdict verdict);
std::string_view to_string(Reason reason);

// One metric's evidence. For a quantile, `events` are requests slower than `bound`.
struct Finding {
  std::string metric;             // "errors", "p99"
  double stable = 0, canary = 0;  // shares, or seconds (infinity: above the last bucket)
  double limit = 0;               // what the canary's value may be at most
  double stable_requests = 0, stable_events = 0;
  double canary_requests = 0, canary_events = 0;
  std::optional<double> bound;  // seconds
  Interval interval;            // 95 %, of the difference in events' shares
  double dispersion = 1;        // by how much the counts scatter more than independent requests
  Test worse;                   // against "not worse"
  double worse_level = 0;       // worse if its p is at most this
  Test pass;                    // against "worse by more than the tolerance"
  double pass_level = 0;
  bool is_worse = false;
  bool passes = false;
  bool coarse = false;
  double more_requests = 0;  // of the canary, for a decision
};

struct Judgement {
  Verdict verdict = Verdict::undecided;
  Reason reason = Reason::no_traffic;
  int look = 0;
  std::string text;  // one sentence
  std::uint64_t stable_requests = 0, canary_requests = 0;
  std::optional<double> more_requests;      // of the canary, where more would decide
  std::optional<base::Duration> more_time;  // for these, at the present rate
  std::vector<Finding> findings;            // errors first, then the quantiles
};

// At look number `look` (from 1; beyond plan.looks the error that is permitted runs out but never ends).
// Judges nothing that one slice alone says: give it several slices a look, or a slice at each.
Judgement judge(const Slices& slices, const Plan& plan, int look);

nlohmann::ordered_json to_json(const Judgement& judgement);

}  // namespace msctl::analysis
