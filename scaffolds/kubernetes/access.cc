#include "scaffolds/kubernetes/access.h"

#include <nlohmann/json.hpp>

#include <initializer_list>

#include "scaffolds/kubernetes/gateway_metrics.h"
#include "scaffolds/kubernetes/pod.h"

namespace msctl::scaffolds::kubernetes {
namespace {

Json rule(const char* group, std::initializer_list<const char*> resources,
          std::initializer_list<const char*> verbs) {
  return {{"apiGroups", Json::array({group})},
          {"resources", Json(std::vector<std::string>(resources.begin(), resources.end()))},
          {"verbs", Json(std::vector<std::string>(verbs.begin(), verbs.end()))}};
}

Json role(std::string_view name, std::string_view workspace, Json rules) {
  return {{"apiVersion", "rbac.authorization.k8s.io/v1"},
          {"kind", "Role"},
          {"metadata", metadata(name, workspace)},
          {"rules", std::move(rules)}};
}

Json binding(std::string_view name, std::string_view workspace) {
  return {{"apiVersion", "rbac.authorization.k8s.io/v1"},
          {"kind", "RoleBinding"},
          {"metadata", metadata(name, workspace)},
          {"roleRef", {{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Role"}, {"name", name}}},
          {"subjects", Json::array({{{"kind", "ServiceAccount"}, {"name", name}}})}};
}

Json endpoint_slices() {
  return rule("discovery.k8s.io", {"endpointslices"}, {"list", "watch"});
}

// That one alone, asked for by its name.
Json named(Json rule, std::string_view name) {
  rule["resourceNames"] = Json::array({name});
  return rule;
}

constexpr const char* deployer = "msctl-deployer";

// What is deployed is found by lists, and changed by server-side apply, which makes what is not there; it is
// read by name where somebody else has just changed it.
Json deployed(const char* group, std::initializer_list<const char*> resources,
              std::initializer_list<const char*> more = {}) {
  Json out = rule(group, resources, {"get", "list"});
  for (const char* verb : more) out["verbs"].push_back(verb);
  for (const char* verb : {"create", "patch", "delete"}) out["verbs"].push_back(verb);
  return out;
}

Json deployer_rules(const DeployerNeeds& needs) {
  Json out = Json::array({
      // The records of releases are ConfigMaps that are replaced; to watch one is what the gateway may, and
      // nobody
      // gives what he has not.
      deployed("", {"configmaps"}, {"watch", "update"}),
      deployed("", {"serviceaccounts", "services"}),
      deployed("apps", {"deployments"}, {"watch"}),
      deployed("autoscaling", {"horizontalpodautoscalers"}, {"watch"}),
      deployed("networking.k8s.io", {"networkpolicies"}),
      deployed("policy", {"poddisruptionbudgets"}),
      // The lock.
      rule("coordination.k8s.io", {"leases"}, {"get", "create", "update"}),
      // How far a release is, and why it goes no further.
      rule("", {"events", "pods"}, {"list", "watch"}),
      rule("", {"pods/log"}, {"get"}),
      rule("apps", {"replicasets"}, {"list", "watch"}),
      needs.jobs ? deployed("batch", {"jobs"}, {"watch"}) : rule("batch", {"jobs"}, {"list", "watch"}),
  });
  // Under names that nobody knows before: a rule cannot name them.
  if (needs.makes_secrets) out.push_back(rule("", {"secrets"}, {"get", "create", "patch", "delete"}));
  // Those that somebody has made, for which one of them it is.
  if (!needs.reads_secrets.empty()) {
    out.push_back(rule("", {"secrets"}, {"get"}));
    out.back()["resourceNames"] = needs.reads_secrets;
  }
  if (needs.gateway.empty()) return out;
  // The gateway's Role and its binding. Nobody gives what he has not: what it may, its deployer may, too. A
  // binding is tried out before its Role is there, which takes the right to bind that one.
  out.push_back(deployed("rbac.authorization.k8s.io", {"rolebindings", "roles"}));
  out.push_back(named(rule("rbac.authorization.k8s.io", {"roles"}, {"bind"}), needs.gateway));
  out.push_back(endpoint_slices());
  // What the gateways have counted, of a canary and for `status`, and whether they have its weights in force.
  out.push_back(rule("", {"pods/proxy"}, {"get"}));
  if (needs.serves_metrics)
    for (Json& each : metrics_rules(needs.gateway)) out.push_back(std::move(each));
  return out;
}

}  // namespace

Objects gateway_access(std::string_view name, std::string_view workspace, bool serves_metrics) {
  Json rules = Json::array({endpoint_slices(), named(rule("", {"configmaps"}, {"list", "watch"}), name)});
  if (serves_metrics)
    for (Json& each : metrics_rules(name)) rules.push_back(std::move(each));
  return {role(name, workspace, std::move(rules)), binding(name, workspace)};
}

Objects deployer_access(std::string_view workspace, std::string_view space, const DeployerNeeds& needs) {
  Json account{{"apiVersion", "v1"},
               {"kind", "ServiceAccount"},
               {"metadata", metadata(deployer, workspace)},
               {"automountServiceAccountToken", false}};
  Objects out{std::move(account), role(deployer, workspace, deployer_rules(needs)),
              binding(deployer, workspace)};
  for (Json& object : out) {
    object["metadata"]["namespace"] = space;
    // Not msctl's own: no deploy removes it.
    object["metadata"]["labels"].erase("app.kubernetes.io/managed-by");
  }
  out.back()["subjects"][0]["namespace"] = space;
  if (needs.serves_metrics)
    for (Json& object : metrics_access(workspace, space, needs.gateway)) out.push_back(std::move(object));
  return out;
}

}  // namespace msctl::scaffolds::kubernetes
