#include "runtime/kubernetes/canary/report.h"

#include <nlohmann/json.hpp>

#include "runtime/base/units.h"
#include "runtime/kubernetes/canary/objects.h"

namespace msctl::kubernetes::canary {

Json plan_json(const Choice& choice, const Request& request, const std::map<std::string, int>& stable) {
  Json out{{"services", Json::array()},
           {"left", Json::array()},
           {"interval", base::to_string(request.interval)},
           {"steps", Json::array()}};
  for (const Subject& each : choice.subjects)
    out["services"].push_back({{"service", each.service}, {"name", each.name}, {"routes", each.routes}});
  for (const Left& each : choice.left)
    out["left"].push_back({{"service", each.service}, {"because", each.because}});
  for (const int percent : request.shares) {
    Json replicas = Json::object();
    for (const auto& [service, count] : stable) replicas[service] = replicas_for(percent, count);
    out["steps"].push_back({{"percent", percent}, {"replicas", std::move(replicas)}});
  }
  return out;
}

Json to_json(const Step& step) {
  Json judgements = Json::object();
  for (const auto& [service, judgement] : step.judgements)
    judgements[service] = Json::parse(analysis::to_json(judgement).dump());
  return {{"percent", step.percent},   {"began", step.began},   {"ended", step.ended},
          {"replicas", step.replicas}, {"result", step.result}, {"judgements", std::move(judgements)}};
}

}  // namespace msctl::kubernetes::canary
