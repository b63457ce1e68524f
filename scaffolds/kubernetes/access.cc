#include "scaffolds/kubernetes/access.h"

#include <nlohmann/json.hpp>

#include <initializer_list>

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
Json own_configuration(std::string_view name) {
  Json out = rule("", {"configmaps"}, {"list", "watch"});
  out["resourceNames"] = Json::array({name});
  return out;
}

}  // namespace

Objects gateway_access(std::string_view name, std::string_view workspace) {
  return {role(name, workspace, Json::array({endpoint_slices(), own_configuration(name)})),
          binding(name, workspace)};
}

}  // namespace msctl::scaffolds::kubernetes
