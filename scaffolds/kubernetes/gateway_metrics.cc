#include "scaffolds/kubernetes/gateway_metrics.h"

#include <fmt/format.h>

#include <algorithm>

namespace msctl::scaffolds::kubernetes {
namespace {

using containers::Container;
using containers::Containers;

// The one that metrics-server has: where clouds let their control planes reach nodes and Pods by few ports
// only (GKE's private clusters), this is one of them.
constexpr int port = 10250;
constexpr const char* port_name = "metrics-api";
constexpr const char* api_service = "v1beta1.external.metrics.k8s.io";
constexpr const char* cluster_role = "msctl-external-metrics";

std::string service_name(std::string_view gateway) {
  return fmt::format("{}-external-metrics", gateway);
}

Json metrics_service(const containers::Gateway& gateway, std::string_view workspace) {
  return {{"apiVersion", "v1"},
          {"kind", "Service"},
          {"metadata",
           [&] {
             Json out = metadata(gateway.name, workspace);
             out["name"] = service_name(gateway.name);
             return out;
           }()},
          {"spec",
           {{"selector", selector(gateway.name, workspace)},
            {"ports", Json::array({{{"name", port_name}, {"port", 443}, {"targetPort", port_name}}})}}}};
}

void serve(const Containers& all, Json& deployment) {
  Json& container = deployment["spec"]["template"]["spec"]["containers"][0];
  container["ports"].push_back({{"name", port_name}, {"containerPort", port}});
  for (const std::string& word : {std::string("--external-metrics"), fmt::format("0.0.0.0:{}", port),
                                  std::string("--workspace"), all.workspace})
    container["args"].push_back(word);
}

// The API server is no Pod, so that no policy can name it: who comes is asked for his certificate. The
// gateways that are asked for their traffic are those of any workspace.
void open(const Containers& all, Json& policy) {
  policy["spec"]["ingress"].push_back({{"ports", Json::array({{{"port", port}}})}});
  const Json gateways{{"app.kubernetes.io/component", "gateway"}, {"app.kubernetes.io/managed-by", "msctl"}};
  policy["spec"]["egress"].push_back({{"to", Json::array({{{"namespaceSelector", Json::object()},
                                                           {"podSelector", {{"matchLabels", gateways}}}}})},
                                      {"ports", Json::array({{{"port", all.gateway->admin_port}}})}});
}

Json rule(const char* group, const char* resource, std::initializer_list<const char*> verbs) {
  return {{"apiGroups", Json::array({group})},
          {"resources", Json::array({resource})},
          {"verbs", Json(std::vector<std::string>(verbs.begin(), verbs.end()))}};
}

// Of an object for the whole cluster; managed-by is what the gateway knows it by.
Json shared(const char* api_version, const char* kind, const std::string& name) {
  return {
      {"apiVersion", api_version},
      {"kind", kind},
      {"metadata",
       {{"name", name},
        {"labels",
         {{"app.kubernetes.io/component", "external-metrics"}, {"app.kubernetes.io/managed-by", "msctl"}}}}}};
}

Json bound(Json binding, const char* kind, const char* role, std::string_view space,
           std::string_view gateway) {
  binding["roleRef"] = {{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", kind}, {"name", role}};
  binding["subjects"] = Json::array({{{"kind", "ServiceAccount"}, {"name", gateway}, {"namespace", space}}});
  return binding;
}

}  // namespace

bool needs_gateway_metrics(const Containers& all) {
  return all.gateway && std::ranges::any_of(all.all, [](const Container& each) {
           if (!each.can_scale()) return false;
           const workspace::ScaleTarget& target = each.service->scale->target;
           return target.requests_per_second || target.concurrency || target.latency_p95;
         });
}

void serve_metrics(const Containers& all, Objects& gateway) {
  for (Json& object : gateway) {
    if (object["kind"] == "Deployment") serve(all, object);
    if (object["kind"] == "NetworkPolicy") open(all, object);
  }
  const auto is_service = [](const Json& each) { return each["kind"] == "Service"; };
  const auto last = std::ranges::find_if(gateway.rbegin(), gateway.rend(), is_service);
  gateway.insert(last.base(), metrics_service(*all.gateway, all.workspace));
}

// `create` cannot be granted by name
// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources).
std::vector<Json> metrics_rules(std::string_view gateway) {
  Json own = rule("", "secrets", {"get", "update"});
  own["resourceNames"] = Json::array({service_name(gateway)});
  return {rule("", "secrets", {"create"}), std::move(own)};
}

Objects metrics_access(std::string_view workspace, std::string_view space, std::string_view gateway) {
  constexpr const char* rbac = "rbac.authorization.k8s.io/v1";
  const std::string of = fmt::format("{}-{}-{}", cluster_role, space, workspace);
  Json service = shared("apiregistration.k8s.io/v1", "APIService", api_service);
  service["spec"] = {{"group", "external.metrics.k8s.io"},
                     {"version", "v1beta1"},
                     {"groupPriorityMinimum", 100},
                     {"versionPriority", 100}};
  Json role = shared(rbac, "ClusterRole", cluster_role);
  Json named = rule("apiregistration.k8s.io", "apiservices", {"get", "patch"});
  named["resourceNames"] = Json::array({api_service});
  role["rules"] = Json::array({std::move(named)});
  Json reader = shared(rbac, "RoleBinding", of);
  reader["metadata"]["namespace"] = "kube-system";
  return {std::move(service), std::move(role),
          bound(shared(rbac, "ClusterRoleBinding", of), "ClusterRole", cluster_role, space, gateway),
          bound(std::move(reader), "Role", "extension-apiserver-authentication-reader", space, gateway)};
}

}  // namespace msctl::scaffolds::kubernetes
