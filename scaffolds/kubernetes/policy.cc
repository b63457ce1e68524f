#include "scaffolds/kubernetes/policy.h"

#include <fmt/format.h>

#include "scaffolds/kubernetes/jobs.h"
#include "scaffolds/kubernetes/objects.h"
#include "scaffolds/kubernetes/pod.h"

namespace msctl::scaffolds::kubernetes {
namespace {

using containers::Container;
using containers::Containers;

Json pod_named(std::string_view name, std::string_view workspace) {
  return {{"podSelector", {{"matchLabels", selector(name, workspace)}}}};
}

Json tcp(int port) {
  return Json::array({{{"port", port}}});
}

// Names are asked for at the cluster's DNS, wherever it runs.
Json dns() {
  return {{"to", Json::array({{{"namespaceSelector", Json::object()}}})},
          {"ports", Json::array({{{"port", 53}, {"protocol", "UDP"}}, {{"port", 53}}})}};
}

// Everywhere but where a cloud tells its machines their secrets.
Json outside(int port) {
  Json out{
      {"to", Json::array(
                 {{{"ipBlock", {{"cidr", "0.0.0.0/0"}, {"except", Json::array({"169.254.169.254/32"})}}}}})}};
  if (port > 0) out["ports"] = tcp(port);
  return out;
}

Json policy(std::string_view name, std::string_view workspace, Json ingress, Json egress) {
  return {{"apiVersion", "networking.k8s.io/v1"},
          {"kind", "NetworkPolicy"},
          {"metadata", metadata(name, workspace)},
          {"spec",
           {{"podSelector", {{"matchLabels", selector(name, workspace)}}},
            {"policyTypes", Json::array({"Ingress", "Egress"})},
            {"ingress", std::move(ingress)},
            {"egress", std::move(egress)}}}};
}

// Where the service itself goes, to its needs.
Json egress_of(const Containers& all, const Container& container) {
  Json out = Json::array();
  if (!container.needs.empty() || !container.outside.empty()) out.push_back(dns());
  for (const std::string& need : container.needs)
    if (const Container* called = all.find(need))
      out.push_back({{"to", Json::array({pod_named(need, all.workspace)})}, {"ports", tcp(called->port)}});
  for (const std::string& url : container.outside) out.push_back(outside(containers::host_of(url).port));
  return out;
}

}  // namespace

Json default_deny() {
  return {{"apiVersion", "networking.k8s.io/v1"},
          {"kind", "NetworkPolicy"},
          {"metadata", {{"name", "default-deny"}, {"labels", {{"app.kubernetes.io/managed-by", "msctl"}}}}},
          {"spec", {{"podSelector", Json::object()}, {"policyTypes", Json::array({"Ingress", "Egress"})}}}};
}

Json policy_of(const Containers& all, const Container& container) {
  Json from = Json::array();
  if (container.is_routed && all.gateway) from.push_back(pod_named(all.gateway->name, all.workspace));
  for (const std::string& caller : container.callers) from.push_back(pod_named(caller, all.workspace));
  Json ingress = Json::array();
  if (!from.empty()) ingress.push_back({{"from", std::move(from)}, {"ports", tcp(container.port)}});

  return policy(container.name, all.workspace, std::move(ingress), egress_of(all, container));
}

Json policy_of_jobs(const Containers& all, const Container& container) {
  Json egress = egress_of(all, container);
  if (egress.empty()) egress.push_back(dns());
  egress.push_back(
      {{"to", Json::array({pod_named(container.name, all.workspace)})}, {"ports", tcp(container.port)}});
  return policy(jobs_name(container.name), all.workspace, Json::array(), std::move(egress));
}

Json policy_to(const Container& called, std::string_view service, std::string_view workspace) {
  const std::string jobs = jobs_name(service);
  Json ingress =
      Json::array({{{"from", Json::array({pod_named(jobs, workspace)})}, {"ports", tcp(called.port)}}});
  Json out = policy(called.name, workspace, std::move(ingress), {});
  out["metadata"]["name"] = fmt::format("{}.{}", jobs, called.name);
  // It only adds to what may come in.
  out["spec"]["policyTypes"] = Json::array({"Ingress"});
  out["spec"].erase("egress");
  return out;
}

Json gateway_policy(const Containers& all) {
  const containers::Gateway& gateway = *all.gateway;
  // It is the way in: whoever reaches the cluster may reach it. Its probes and metrics are for the cluster.
  Json ingress = Json::array({{{"ports", tcp(gateway.port)}},
                              {{"from", Json::array({{{"namespaceSelector", Json::object()}}})},
                               {"ports", tcp(gateway.admin_port)}}});
  Json egress = Json::array({dns()});
  for (const std::string& upstream : gateway.upstreams)
    egress.push_back({{"to", Json::array({pod_named(upstream, all.workspace)})},
                      {"ports", tcp(all.find(upstream)->port)}});
  return policy(gateway.name, all.workspace, std::move(ingress), std::move(egress));
}

}  // namespace msctl::scaffolds::kubernetes
