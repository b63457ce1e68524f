// scale and restart: under the lock of the environment, like a deploy.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/names.h"
#include "runtime/kubernetes/deploy/fence.h"
#include "runtime/kubernetes/lock/lock.h"
#include "runtime/kubernetes/operate/operator.h"

namespace msctl::kubernetes {
namespace {

Ref deployment(const std::string& name) {
  return {"apps/v1", "Deployment", name};
}

Ref autoscaler(const std::string& name) {
  return {"autoscaling/v2", "HorizontalPodAutoscaler", name};
}

base::Result<std::unique_ptr<Lock>> lock_for(Cluster& cluster, const base::Clock& clock,
                                             const OperatorOptions& options, const std::string& command) {
  LockOptions wanted;
  wanted.name = lock_name(options.workspace);
  wanted.holder = this_holder(command, clock.wall());
  wanted.patience = options.lock_timeout;
  wanted.interrupted = options.interrupted;
  wanted.sleep = options.sleep;
  return Lock::acquire(cluster, clock, std::move(wanted));
}

// Nothing where the service is not there.
base::Result<std::optional<Json>> find(Cluster& cluster, const Ref& ref) {
  auto found = cluster.get(ref);
  if (found) return std::optional(*std::move(found));
  if (found.error().kind == Refusal::Kind::not_found) return std::nullopt;
  return std::unexpected(found.error().error);
}

base::Result<std::vector<Json>> deployed(Cluster& cluster, const std::string& workspace) {
  auto listed = cluster.list(deployment({}), fmt::format("{}={}", names::part_of, workspace));
  if (!listed) return std::unexpected(listed.error().error);
  return *std::move(listed);
}

std::unexpected<base::Error> not_deployed(Cluster& cluster, const std::string& workspace,
                                          const std::string& service) {
  auto all = deployed(cluster, workspace);
  if (!all) return std::unexpected(all.error());
  std::vector<std::string> names;
  for (const Json& each : *all) names.push_back(ref_of(each).name);
  const std::string near = base::did_you_mean(service, names);
  return base::fail(base::Code::unknownName, fmt::format("'{}' is not deployed", service),
                    near.empty() ? "msctl status -e ENV shows what is" : near);
}

// One of another workspace in the same namespace is none of ours.
base::Result<Json> expect(Cluster& cluster, const std::string& workspace, const std::string& service) {
  auto found = find(cluster, deployment(service));
  if (!found) return std::unexpected(found.error());
  if (!*found || label(**found, names::part_of) != workspace)
    return not_deployed(cluster, workspace, service);
  return **std::move(found);
}

// What an autoscaler would have changed back a moment later is not done.
base::Result<Json> moved_bound(const Json& autoscaler, const std::string& service, int wanted) {
  const int least = autoscaler["spec"].value("minReplicas", 1);
  const int most = autoscaler["spec"].value("maxReplicas", 1);
  if (wanted > most) return Json{{"maxReplicas", wanted}, {"minReplicas", least}};
  if (wanted >= 1 && wanted < least) return Json{{"maxReplicas", most}, {"minReplicas", wanted}};
  return base::fail(
      base::Code::autoscaled,
      fmt::format("{} is scaled automatically, between {} and {} replicas", service, least, most),
      wanted < 1 ? "an autoscaler never scales to none"
                 : "a number beyond these moves that bound; 'scale:' in service.yaml changes them "
                   "for good");
}

}  // namespace

base::Result<void> Operator::scale(const std::map<std::string, int>& replicas) {
  auto lock = lock_for(*cluster_, clock_, options_, "scale");
  if (!lock) return std::unexpected(lock.error());
  // All are looked at before one is changed.
  std::vector<std::pair<Json, Json>> changes;  // of which object, its spec
  for (const auto& [service, wanted] : replicas) {
    auto found = expect(*cluster_, options_.workspace, service);
    if (!found) return std::unexpected(found.error());
    auto scaled = find(*cluster_, autoscaler(service));
    if (!scaled) return std::unexpected(scaled.error());
    if (!*scaled) {
      changes.emplace_back(*std::move(found), Json{{"replicas", wanted}});
      continue;
    }
    auto bound = moved_bound(**scaled, service, wanted);
    if (!bound) return std::unexpected(bound.error());
    changes.emplace_back(**std::move(scaled), *std::move(bound));
  }
  deploy::Writer writer(*cluster_, **lock);
  for (const auto& [object, spec] : changes)
    if (auto done = writer.apply_as("msctl-scale", object, {{"spec", spec}}); !done)
      return std::unexpected(done.error());
  return {};
}

base::Result<void> Operator::restart(const std::vector<std::string>& services) {
  auto lock = lock_for(*cluster_, clock_, options_, "restart");
  if (!lock) return std::unexpected(lock.error());
  std::vector<Json> all;
  if (services.empty()) {
    auto listed = deployed(*cluster_, options_.workspace);
    if (!listed) return std::unexpected(listed.error());
    all = *std::move(listed);
  }
  for (const std::string& service : services) {
    auto found = expect(*cluster_, options_.workspace, service);
    if (!found) return std::unexpected(found.error());
    all.push_back(*std::move(found));
  }
  const Json mark{
      {"spec",
       {{"template",
         {{"metadata",
           {{"annotations", {{"kubectl.kubernetes.io/restartedAt", base::to_rfc3339(clock_.wall())}}}}}}}}}};
  deploy::Writer writer(*cluster_, **lock);
  for (const Json& object : all)
    if (auto done = writer.apply_as("msctl-restart", object, mark); !done)
      return std::unexpected(done.error());
  return {};
}

base::Result<void> Operator::stop(const std::vector<std::string>&) {
  return base::fail(base::Code::usage, "stop ends a run on this machine, not an environment",
                    "msctl scale SERVICE=0 -e ENV, or take the service out of the workspace and deploy");
}

}  // namespace msctl::kubernetes
