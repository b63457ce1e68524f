#include "runtime/kubernetes/deploy/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "runtime/kubernetes/deploy/parallel.h"

namespace msctl::kubernetes::deploy {
namespace {

// A dry run answers with the resourceVersion of what is there, and without one for what would be made.
std::optional<base::Error> foreign(const Json& answer, const ByRef& live) {
  const Ref ref = ref_of(answer);
  if (version_of(answer).empty() || live.contains(ref)) return std::nullopt;
  return base::fail(base::Code::foreignObject,
                    fmt::format("{} is there, and this workspace has not made it", ref.text()),
                    fmt::format("kubectl label {} {} {}=msctl {}={} lets msctl have it", ref.kind, ref.name,
                                names::managed_by, names::part_of, label(answer, names::part_of)))
      .error();
}

}  // namespace

std::string selector_of(const std::string& workspace) {
  return fmt::format("{}={},{}=msctl", names::part_of, workspace, names::managed_by);
}

std::set<Ref> kinds_of(const std::vector<const release::Release*>& releases) {
  std::set<Ref> out{{"v1", "ConfigMap", {}},
                    {"v1", "Service", {}},
                    {"v1", "ServiceAccount", {}},
                    {"apps/v1", "Deployment", {}},
                    {"batch/v1", "Job", {}},
                    {"autoscaling/v2", "HorizontalPodAutoscaler", {}},
                    {"policy/v1", "PodDisruptionBudget", {}},
                    {"networking.k8s.io/v1", "NetworkPolicy", {}}};
  for (const release::Release* release : releases)
    for (const release::Part& part : release->parts)
      for (const Json& object : part.objects) {
        Ref ref = ref_of(object);
        ref.name.clear();
        out.insert(std::move(ref));
      }
  return out;
}

base::Result<std::vector<Json>> list_all(Cluster& cluster, const std::vector<Watched>& what) {
  std::vector<std::optional<Answer<std::vector<Json>>>> answers(what.size());
  in_parallel(what.size(), requests_at_once, [&](std::size_t i) { answers[i] = cluster.list(what[i]); });
  std::vector<Json> out;
  for (std::optional<Answer<std::vector<Json>>>& answer : answers) {
    if (!*answer) {
      if (answer->error().kind == Refusal::Kind::not_found) continue;
      return std::unexpected(answer->error().error);
    }
    std::ranges::move(**answer, std::back_inserter(out));
  }
  return out;
}

base::Result<ByRef> take_inventory(Cluster& cluster, const std::string& workspace,
                                   const std::set<Ref>& kinds) {
  std::vector<Watched> what;
  for (const Ref& kind : kinds) what.push_back({kind, selector_of(workspace)});
  auto objects = list_all(cluster, what);
  if (!objects) return std::unexpected(objects.error());
  ByRef out;
  for (Json& object : *objects) {
    Ref ref = ref_of(object);
    out[std::move(ref)] = std::move(object);
  }
  return out;
}

std::expected<ByRef, base::Errors> try_out(Cluster& cluster, const std::vector<Wanted>& wanted,
                                           const ByRef& last, const ByRef& live) {
  std::vector<const Json*> open;
  for (const Wanted& each : wanted)
    if (!is_settled(each.object, last, live)) open.push_back(&each.object);
  std::vector<std::optional<Answer<Json>>> answers(open.size());
  ApplyOptions options;
  options.force = true;
  options.dry_run = true;
  in_parallel(open.size(), requests_at_once,
              [&](std::size_t i) { answers[i] = cluster.apply(*open[i], options); });
  ByRef out;
  base::Errors errors;
  for (std::size_t i = 0; i < open.size(); ++i) {
    Answer<Json>& answer = *answers[i];
    if (!answer) {
      errors.push_back(answer.error().error);
    } else if (auto problem = foreign(*answer, live)) {
      errors.push_back(*std::move(problem));
    } else {
      // The right side of an assignment comes first: the name is read before the object is gone.
      Ref ref = ref_of(*answer);
      out[std::move(ref)] = *std::move(answer);
    }
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return out;
}

}  // namespace msctl::kubernetes::deploy
