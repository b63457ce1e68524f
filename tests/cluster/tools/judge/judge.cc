// Reads what `kubectl get deployments,replicasets,pods,events,jobs,hpa,nodes -o json` prints, and the last
// words that it was told ("words": {"POD/CONTAINER": "…"} beside "items"), and prints what msctl makes of it:
//
//   {"orders": {"phase", "progress", "state", "findings": [{"code", "sentence", "evidence", "cure",
//   "certain"}],
//               "words": [{"pod", "container", "previous"}]}}
#include <array>
#include <iostream>
#include <nlohmann/json.hpp>

#include "runtime/kubernetes/judge/judge.h"

using namespace msctl;
using namespace msctl::kubernetes::judge;

namespace {

Json finding_json(const explain::Finding& finding) {
  return {{"code", base::to_string(finding.code)},
          {"sentence", finding.sentence},
          {"evidence", finding.evidence},
          {"cure", finding.cure},
          {"certain", finding.certain}};
}

Json subject_json(const Subject& subject, const Json& told) {
  constexpr std::array<const char*, 4> phases{"unseen", "under way", "done", "failed"};
  Context context{std::chrono::system_clock::now(), "cluster", {}};
  Json wanted = Json::array();
  for (const Words& each : words_wanted(subject)) {
    wanted.push_back({{"pod", each.pod}, {"container", each.container}, {"previous", each.previous}});
    const std::string key = each.pod + "/" + each.container;
    if (told.contains(key)) context.last_words[each] = told.at(key).get<std::string>();
  }
  const Rollout rollout = progress_of(subject, context);
  Json findings = Json::array();
  for (const explain::Finding& each : rollout.findings) findings.push_back(finding_json(each));
  return {{"phase", phases.at(static_cast<std::size_t>(rollout.phase))},
          {"progress", rollout.progress},
          {"state", release::to_string(status_of(subject, context).state)},
          {"findings", std::move(findings)},
          {"words", std::move(wanted)}};
}

}  // namespace

int main() {
  const Json document = Json::parse(std::cin);
  Lists lists;
  for (const Json& item : document.at("items")) {
    const std::string kind = item.at("kind");
    if (kind == "Deployment") lists.deployments.push_back(&item);
    if (kind == "Job") lists.jobs.push_back(&item);
    if (kind == "HorizontalPodAutoscaler") lists.autoscalers.push_back(&item);
    if (kind == "ReplicaSet") lists.replica_sets.push_back(&item);
    if (kind == "Pod") lists.pods.push_back(&item);
    if (kind == "Event") lists.events.push_back(&item);
    if (kind == "Node") lists.nodes.push_back(&item);
  }
  Json out = Json::object();
  for (const auto& [name, subject] : subjects(lists))
    out[name] = subject_json(subject, document.value("words", Json::object()));
  std::cout << out.dump(2) << '\n';
}
