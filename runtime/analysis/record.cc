// The evidence as it stands in a release's record and in -o json. Infinite values (a quantile above the last
// bucket) are null: JSON has none.

#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>

#include "runtime/analysis/judge.h"

namespace msctl::analysis {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json to_json(const Test& test, double level, bool holds) {
  return {{"p", number(test.p)}, {"level", number(level)}, {"exact", test.exact}, {"holds", holds}};
}

Json to_json(const Finding& f) {
  Json result = {{"metric", f.metric},
                 {"stable", number(f.stable)},
                 {"canary", number(f.canary)},
                 {"limit", number(f.limit)},
                 {"counts",
                  {{"stable", {{"requests", f.stable_requests}, {"events", f.stable_events}}},
                   {"canary", {{"requests", f.canary_requests}, {"events", f.canary_events}}}}},
                 {"difference", {{"low", number(f.interval.low)}, {"high", number(f.interval.high)}}},
                 {"dispersion", number(f.dispersion)},
                 {"worse", to_json(f.worse, f.worse_level, f.is_worse)},
                 {"withinTolerance", to_json(f.pass, f.pass_level, f.passes)},
                 {"coarse", f.coarse}};
  if (f.bound) result["slowerThanSeconds"] = *f.bound;
  return result;
}

}  // namespace

nlohmann::ordered_json to_json(const Judgement& judgement) {
  Json result = {
      {"verdict", to_string(judgement.verdict)},
      {"reason", to_string(judgement.reason)},
      {"look", judgement.look},
      {"text", judgement.text},
      {"requests", {{"stable", judgement.stable_requests}, {"canary", judgement.canary_requests}}}};
  if (judgement.more_requests) result["moreRequests"] = number(*judgement.more_requests);
  if (judgement.more_time)
    result["moreSeconds"] = std::chrono::duration<double>(*judgement.more_time).count();
  result["findings"] = Json::array();
  for (const Finding& finding : judgement.findings) result["findings"].push_back(to_json(finding));
  return result;
}

}  // namespace msctl::analysis
