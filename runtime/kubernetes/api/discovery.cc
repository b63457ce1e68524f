#include "runtime/kubernetes/api/discovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/base/names.h"

namespace msctl::kubernetes::api {
namespace {

constexpr const char* aggregated =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

struct Known {
  const char* api_version;
  const char* kind;
  const char* plural;
  bool namespaced = true;
};

constexpr std::array known_kinds{
    Known{"v1", "ConfigMap", "configmaps"},
    Known{"v1", "Event", "events"},
    Known{"v1", "Namespace", "namespaces", false},
    Known{"v1", "Node", "nodes", false},
    Known{"v1", "PersistentVolumeClaim", "persistentvolumeclaims"},
    Known{"v1", "Pod", "pods"},
    Known{"v1", "ResourceQuota", "resourcequotas"},
    Known{"v1", "Secret", "secrets"},
    Known{"v1", "Service", "services"},
    Known{"v1", "ServiceAccount", "serviceaccounts"},
    Known{"apiregistration.k8s.io/v1", "APIService", "apiservices", false},
    Known{"apps/v1", "DaemonSet", "daemonsets"},
    Known{"apps/v1", "Deployment", "deployments"},
    Known{"apps/v1", "ReplicaSet", "replicasets"},
    Known{"apps/v1", "StatefulSet", "statefulsets"},
    Known{"autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"},
    Known{"batch/v1", "CronJob", "cronjobs"},
    Known{"batch/v1", "Job", "jobs"},
    Known{"coordination.k8s.io/v1", "Lease", "leases"},
    Known{"discovery.k8s.io/v1", "EndpointSlice", "endpointslices"},
    Known{"events.k8s.io/v1", "Event", "events"},
    Known{"networking.k8s.io/v1", "Ingress", "ingresses"},
    Known{"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"},
    Known{"policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"},
    Known{"rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false},
    Known{"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false},
    Known{"rbac.authorization.k8s.io/v1", "Role", "roles"},
    Known{"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"},
};

std::string text(const Json& map, const char* key) {
  if (!map.is_object()) return {};
  const auto found = map.find(key);
  return found != map.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

const Json& items(const Json& map, const char* key) {
  static const Json none = Json::array();
  if (!map.is_object()) return none;
  const auto found = map.find(key);
  return found != map.end() && found->is_array() ? *found : none;
}

Answer<Json> fetch(const std::string& target, const char* accept, Session& session, const Limits& limits) {
  Ask ask;
  ask.target = target;
  ask.accept = accept;
  ask.about = {"get", {}, target, {}, {}, {}, {}};
  auto body = session.send(ask, limits);
  if (!body) {
    body.error().unserved = false;  // of discovery itself, which says nothing about the kind
    return std::unexpected(std::move(body.error()));
  }
  Json out = Json::parse(*body, nullptr, false);
  if (out.is_object()) return out;
  return std::unexpected(read_failure(200, *body, {}, ask.about, {}));
}

}  // namespace

std::string group_of(const std::string& api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string::npos ? std::string{} : api_version.substr(0, slash);
}

std::string version_of(const std::string& api_version) {
  return api_version.substr(api_version.find('/') + 1);
}

std::string api_version_of(const Resource& resource) {
  return resource.group.empty() ? resource.version : resource.group + "/" + resource.version;
}

std::string base_path(const std::string& api_version) {
  return (api_version.find('/') == std::string::npos ? "/api/" : "/apis/") + api_version;
}

const Resource* well_known(const Kind& kind) {
  static const std::map<Kind, Resource> all = [] {
    std::map<Kind, Resource> out;
    for (const Known& each : known_kinds)
      out[{each.api_version, each.kind}] = {group_of(each.api_version), version_of(each.api_version),
                                            each.kind, each.plural, each.namespaced};
    return out;
  }();
  const auto found = all.find(kind);
  return found == all.end() ? nullptr : &found->second;
}

std::vector<Resource> Discovery::read_aggregated(const Json& document) {
  std::vector<Resource> out;
  for (const Json& group : items(document, "items")) {
    const Json none = Json::object();
    const std::string name = group.is_object() ? text(group.value("metadata", none), "name") : std::string{};
    for (const Json& version : items(group, "versions"))
      for (const Json& each : items(version, "resources")) {
        const Json kind = each.is_object() ? each.value("responseKind", none) : none;
        Resource one{name, text(version, "version"), text(kind, "kind"), text(each, "resource"),
                     text(each, "scope") == "Namespaced"};
        if (!one.kind.empty() && !one.plural.empty() && !one.version.empty()) out.push_back(std::move(one));
      }
  }
  return out;
}

std::vector<Resource> Discovery::read_list(const Json& document) {
  std::vector<Resource> out;
  const std::string api_version = text(document, "groupVersion");
  for (const Json& each : items(document, "resources")) {
    Resource one{group_of(api_version), version_of(api_version), text(each, "kind"), text(each, "name"),
                 false};
    if (const auto scope = each.is_object() ? each.find("namespaced") : each.end(); scope != each.end())
      one.namespaced = *scope == true;
    // "deployments/scale" is a subresource, with a kind of its own.
    if (!one.kind.empty() && !one.plural.empty() && one.plural.find('/') == std::string::npos)
      out.push_back(std::move(one));
  }
  return out;
}

void Discovery::add(std::vector<Resource> resources) {
  for (Resource& each : resources) {
    const std::string api_version = api_version_of(each);
    loaded_.insert(api_version);
    known_.try_emplace({api_version, each.kind}, std::move(each));
  }
}

// False: the server knows only the old form.
Answer<bool> Discovery::load_all(Session& session, const Limits& limits) {
  for (const char* root : {"/api", "/apis"}) {
    auto document = fetch(root, aggregated, session, limits);
    if (!document) return std::unexpected(std::move(document.error()));
    if (text(*document, "kind") == "APIGroupDiscoveryList") {
      add(read_aggregated(*document));
      continue;
    }
    for (const Json& version : items(*document, "versions"))
      if (version.is_string()) groups_.insert(version.get<std::string>());
    for (const Json& group : items(*document, "groups"))
      for (const Json& version : items(group, "versions")) groups_.insert(text(version, "groupVersion"));
  }
  all_ = true;
  return groups_.empty();
}

Answer<void> Discovery::load_version(const std::string& api_version, Session& session, const Limits& limits) {
  auto document = fetch(base_path(api_version), "application/json", session, limits);
  if (document)
    add(read_list(*document));
  else if (!document.error().not_found())
    return std::unexpected(std::move(document.error()));
  return {};
}

Failure Discovery::not_served(const Kind& kind) const {
  std::vector<std::string> same_kind, all;
  for (const auto& [each, resource] : known_) {
    if (each.kind == kind.kind) same_kind.push_back(each.api_version);
    all.push_back(each.kind);
  }
  Failure out;
  out.status = 404;
  out.reason = "NotFound";
  out.unserved = true;
  out.message = fmt::format("no kind {} in {}", kind.kind, kind.api_version);
  std::string help;
  if (!same_kind.empty())
    help = fmt::format("{} is served as {}", kind.kind, base::either(same_kind));
  else
    help = base::did_you_mean(kind.kind, all);
  if (help.empty())
    help = "'kubectl api-resources' lists what is served; perhaps its definition has to be installed";
  out.error = base::fail(base::Code::apiNotServed,
                         fmt::format("the cluster does not serve {} of {}", kind.kind, kind.api_version),
                         std::move(help))
                  .error();
  return out;
}

Answer<Resource> Discovery::resource(const Kind& kind, Session& session, const Limits& limits) {
  if (const Resource* known = well_known(kind)) return *known;
  return ask(kind, session, limits);
}

Answer<Resource> Discovery::ask(const Kind& kind, Session& session, const Limits& limits) {
  const std::lock_guard lock(mutex_);
  if (const auto found = known_.find(kind); found != known_.end()) return found->second;
  if (!all_)
    if (auto loaded = load_all(session, limits); !loaded) return std::unexpected(std::move(loaded.error()));
  if (const auto found = known_.find(kind); found != known_.end()) return found->second;
  // The old form, or something that was installed after all was asked for.
  if (auto loaded = load_version(kind.api_version, session, limits); !loaded)
    return std::unexpected(std::move(loaded.error()));
  if (const auto found = known_.find(kind); found != known_.end()) return found->second;
  // Where else may it be? Only the other versions of its group are looked into: there can be a hundred.
  for (const std::string& each : groups_)
    if (group_of(each) == group_of(kind.api_version) && !loaded_.contains(each))
      if (auto loaded = load_version(each, session, limits); !loaded)
        return std::unexpected(std::move(loaded.error()));
  return std::unexpected(not_served(kind));
}

}  // namespace msctl::kubernetes::api
