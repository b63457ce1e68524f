// What was tried and how it was judged: in the record of the release, in -o json, and of a plan.
#pragma once

#include <map>
#include <string>

#include "runtime/analysis/judge.h"
#include "runtime/kubernetes/canary/choice.h"

namespace msctl::kubernetes::canary {

// {services: [{service, name, routes}], left: [{service, because}], interval, steps: [{percent, replicas:
// {service: n}}]}. `stable`: the replicas of each service now.
Json plan_json(const Choice& choice, const Request& request, const std::map<std::string, int>& stable);

// One of `steps`, as it ended: {percent, began, ended, replicas: {service: n}, result, judgements: {service:
// {…}}}. `result`: passed, worse, undecided, failed, promoting (all of the traffic: nothing to compare with).
struct Step {
  int percent = 0;
  std::string began, ended;  // RFC 3339
  std::map<std::string, int> replicas;
  std::string result;
  std::map<std::string, analysis::Judgement> judgements;
};
Json to_json(const Step& step);

}  // namespace msctl::kubernetes::canary
