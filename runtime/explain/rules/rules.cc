// The table of rules, and what becomes of their signs.
//
// The first rule that has something to say of a replica explains it; the rules are ordered so that the cause
// comes before what follows from it: a container out of memory also crashed, is not ready, and keeps the
// rollout late.
#include "runtime/explain/rules/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/explain/rules/explain.h"

namespace msctl::explain {
namespace {

using rules::Sign;

constexpr std::array service_rules{rules::paused, rules::once, rules::quota, rules::refused};
constexpr std::array replica_rules{rules::given_up,        rules::node_gone,       rules::unschedulable,
                                   rules::image_pull,      rules::missing_setting, rules::runs_as_root,
                                   rules::volume,          rules::pod_network,     rules::wrong_machine,
                                   rules::cannot_start,    rules::out_of_memory,   rules::read_only,
                                   rules::startup_probe,   rules::liveness_probe,  rules::crash,
                                   rules::readiness_probe, rules::not_ready};

// A sign, and how many replicas show it.
struct Seen {
  Sign sign;
  std::size_t rule = 0;
  int replicas = 0;
};

const std::string& same(const Sign& sign) {
  return sign.same.empty() ? sign.sentence : sign.same;
}

void add(std::vector<Seen>& all, Sign sign, std::size_t rule) {
  auto known = std::ranges::find_if(all, [&](const Seen& seen) {
    return seen.replicas > 0 && seen.sign.code == sign.code && same(seen.sign) == same(sign);
  });
  if (known == all.end()) {
    all.push_back({std::move(sign), rule, 1});
    return;
  }
  ++known->replicas;
  // The one that is sure is the one to show.
  if (sign.certain && !known->sign.certain) known->sign = std::move(sign);
}

Finding finding_of(const Evidence& evidence, Seen seen, int replicas) {
  Finding out{seen.sign.code,
              evidence.service,
              std::move(seen.sign.sentence),
              std::move(seen.sign.evidence),
              std::move(seen.sign.cure),
              seen.sign.certain,
              seen.replicas};
  if (seen.replicas > 0 && replicas > 1)
    out.sentence += fmt::format(" ({} of {} replicas)", seen.replicas, std::max(replicas, seen.replicas));
  return out;
}

}  // namespace

std::vector<Finding> explain(const Evidence& evidence) {
  std::vector<Seen> all;
  for (auto* rule : service_rules)
    if (auto sign = rule(evidence)) all.push_back({std::move(*sign), 0, 0});
  int replicas = 0;
  for (const Replica& replica : evidence.replicas) {
    if (!replica.is_new || replica.stopping) continue;
    if (!replica.given_up) ++replicas;
    for (std::size_t i = 0; i < replica_rules.size(); ++i)
      if (auto sign = replica_rules.at(i)(evidence, replica)) {
        add(all, std::move(*sign), i + 1);
        break;
      }
  }
  if (auto sign = all.empty() ? rules::late(evidence) : std::nullopt) all.push_back({std::move(*sign), 0, 0});

  std::ranges::stable_sort(all, [](const Seen& a, const Seen& b) {
    if (a.sign.certain != b.sign.certain) return a.sign.certain;
    if (a.rule != b.rule) return a.rule < b.rule;
    return a.replicas > b.replicas;
  });
  std::vector<Finding> out;
  out.reserve(all.size());
  for (Seen& seen : all) out.push_back(finding_of(evidence, std::move(seen), replicas));
  return out;
}

}  // namespace msctl::explain
