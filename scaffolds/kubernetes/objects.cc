#include "scaffolds/kubernetes/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "scaffolds/kubernetes/pod.h"
#include "scaffolds/kubernetes/policy.h"

namespace msctl::scaffolds::kubernetes {
namespace {

using containers::Container;
using containers::Containers;

Json account(std::string_view name, std::string_view workspace) {
  return {{"apiVersion", "v1"},
          {"kind", "ServiceAccount"},
          {"metadata", metadata(name, workspace)},
          {"automountServiceAccountToken", false}};
}

Json variables(const Container& container) {
  Json out = Json::array();
  for (const std::string& secret : container.secrets)
    out.push_back(
        {{"name", secret}, {"valueFrom", {{"secretKeyRef", {{"name", container.name}, {"key", secret}}}}}});
  return out;
}

// The time that balancers and the gateway take to notice that a Pod goes; only then is it told to.
Json before_stop() {
  return {{"preStop", {{"sleep", {{"seconds", containers::balancers_notice}}}}}};
}

// A start may take two minutes; from then on ten seconds tell.
void add_probes(Json& container, const std::string& ready, const std::string& live, std::string_view port) {
  Json startup = probe(live, port);
  startup["periodSeconds"] = 2;
  startup["failureThreshold"] = 60;
  Json readiness = probe(ready, port);
  readiness["periodSeconds"] = 5;
  Json liveness = probe(live, port);
  // A slow answer is no reason to start again.
  liveness["timeoutSeconds"] = 5;
  container["startupProbe"] = std::move(startup);
  container["readinessProbe"] = std::move(readiness);
  container["livenessProbe"] = std::move(liveness);
}

bool has_settings(const Container& container) {
  return !container.settings.empty() || !container.addresses.empty();
}

Json container_of(const Container& container) {
  Json out{{"name", container.name},
           {"image", container.is_own ? fmt::format("{}:{}", container.image, no_tag) : container.image},
           {"imagePullPolicy", "Always"}};
  if (!container.arguments.empty()) out["args"] = container.arguments;
  out["ports"] = Json::array({{{"name", "main"}, {"containerPort", container.port}}});
  if (has_settings(container))
    out["envFrom"] = Json::array({{{"configMapRef", {{"name", settings_name(container)}}}}});
  if (Json env = variables(container); !env.empty()) out["env"] = std::move(env);
  out["resources"] = resources(container.service->resources);
  add_probes(out, container.service->health.ready, container.service->health.live, "main");
  // A store that answers is more than a port that is open.
  if (!container.check.empty()) {
    out["readinessProbe"].erase("tcpSocket");
    Json asked{{"exec", {{"command", container.check}}}};
    asked.update(out["readinessProbe"]);
    // It starts a program each time.
    asked["timeoutSeconds"] = 5;
    out["readinessProbe"] = std::move(asked);
  }
  if (container.is_own) out["lifecycle"] = before_stop();
  return out;
}

Json service(std::string_view name, std::string_view workspace, const Json& ports) {
  return {{"apiVersion", "v1"},
          {"kind", "Service"},
          {"metadata", metadata(name, workspace)},
          {"spec", {{"selector", selector(name, workspace)}, {"ports", ports}}}};
}

// A number as a quantity: 0.25 is "250m".
std::string quantity(double value) {
  const double thousandths = std::round(value * 1000);
  if (std::fmod(thousandths, 1000) == 0) return fmt::format("{:.0f}", thousandths / 1000);
  return fmt::format("{:.0f}m", thousandths);
}

Json resource_metric(const char* name, double percent) {
  return {{"type", "Resource"},
          {"resource",
           {{"name", name},
            {"target",
             {{"type", "Utilization"}, {"averageUtilization", static_cast<int>(std::lround(percent))}}}}}};
}

// Counted by the gateway, which serves it as an external metric.
Json gateway_metric(std::string_view workspace, const std::string& service, const char* name,
                    const char* type, const std::string& value) {
  const Json labels{{"workspace", workspace}, {"service", service}};
  const char* key = std::string_view(type) == "Value" ? "value" : "averageValue";
  return {{"type", "External"},
          {"external",
           {{"metric", {{"name", name}, {"selector", {{"matchLabels", labels}}}}},
            {"target", {{"type", type}, {key, value}}}}}};
}

Json metrics(const Container& container, std::string_view workspace) {
  const workspace::ScaleTarget& target = container.service->scale->target;
  Json out = Json::array();
  if (target.cpu) out.push_back(resource_metric("cpu", *target.cpu));
  if (target.memory) out.push_back(resource_metric("memory", *target.memory));
  if (target.requests_per_second)
    out.push_back(gateway_metric(workspace, container.name, "msctl-requests-per-second", "AverageValue",
                                 quantity(*target.requests_per_second)));
  if (target.concurrency)
    out.push_back(gateway_metric(workspace, container.name, "msctl-concurrency", "AverageValue",
                                 quantity(*target.concurrency)));
  if (target.latency_p95)
    out.push_back(gateway_metric(workspace, container.name, "msctl-latency-p95", "Value",
                                 quantity(std::chrono::duration<double>(*target.latency_p95).count())));
  return out;
}

Json autoscaler(std::string_view name, std::string_view workspace, int least, int most, Json metrics) {
  Json spec{{"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", name}}},
            {"minReplicas", least},
            {"maxReplicas", most}};
  if (!metrics.empty()) spec["metrics"] = std::move(metrics);
  return {{"apiVersion", "autoscaling/v2"},
          {"kind", "HorizontalPodAutoscaler"},
          {"metadata", metadata(name, workspace)},
          {"spec", std::move(spec)}};
}

// Where each gateway of the workspace tells of its traffic: its name tells nothing but the addresses of all
// that are ready.
Json gateways(const containers::Gateway& gateway, std::string_view workspace) {
  Json out =
      service(gateway.name, workspace,
              Json::array({{{"name", "admin"}, {"port", gateway.admin_port}, {"targetPort", "admin"}}}));
  out["metadata"]["name"] = gateways_name(workspace);
  out["spec"]["clusterIP"] = "None";
  return out;
}

// One at a time: a node can always be emptied, and never takes all replicas with it.
Json disruption_budget(std::string_view name, std::string_view workspace) {
  return {{"apiVersion", "policy/v1"},
          {"kind", "PodDisruptionBudget"},
          {"metadata", metadata(name, workspace)},
          {"spec",
           {{"maxUnavailable", 1},
            {"unhealthyPodEvictionPolicy", "AlwaysAllow"},
            {"selector", {{"matchLabels", selector(name, workspace)}}}}}};
}

// A gateway does little more than copy bytes, so that its processor tells its load.
constexpr double gateway_load = 70;  // percent
constexpr const char* component = "app.kubernetes.io/component";

// A service may have the gateway's name, and the gateway another one: what it is is told by a label.
// Selectors stay as they are, since a Deployment's cannot be changed.
void say_gateway(Json& object) {
  const Json::json_pointer of_pods("/spec/template/metadata/labels");
  object["metadata"]["labels"][component] = "gateway";
  if (object.contains(of_pods)) object[of_pods][component] = "gateway";
}

}  // namespace

Json selector(std::string_view name, std::string_view workspace) {
  return {{"app.kubernetes.io/name", name}, {"app.kubernetes.io/part-of", workspace}};
}

std::string gateways_name(std::string_view workspace) {
  return fmt::format("msctl-{}-gateway", workspace);
}

std::string settings_name(const Container& container) {
  return container.name + "-settings";
}

Objects objects_of(const Containers& all, const Container& container) {
  Workload workload{container.name, all.workspace};
  workload.container = container_of(container);
  workload.writable = container.writable;
  workload.replicas = container.can_scale() ? 0 : container.service->replicas;
  workload.most = container.most();
  workload.keeps_data = !container.is_own;

  Objects out{account(container.name, all.workspace), deployment(workload),
              service(container.name, all.workspace,
                      Json::array({{{"name", "main"}, {"port", container.port}, {"targetPort", "main"}}}))};
  if (container.can_scale())
    out.push_back(autoscaler(container.name, all.workspace, container.least(), container.most(),
                             metrics(container, all.workspace)));
  if (container.most() > 1) out.push_back(disruption_budget(container.name, all.workspace));
  out.push_back(policy_of(all, container));
  return out;
}

Objects gateway_objects(const Containers& all, std::string_view image) {
  const containers::Gateway& gateway = *all.gateway;
  Json container{{"name", gateway.name},
                 {"image", image},
                 {"imagePullPolicy", "Always"},
                 {"args", Json::array({"gateway", "run", "--config", "/etc/msctl/gateway.yaml"})},
                 {"ports", Json::array({{{"name", "http"}, {"containerPort", gateway.port}},
                                        {{"name", "admin"}, {"containerPort", gateway.admin_port}}})},
                 {"resources", resources({200, std::int64_t{128} << 20})}};
  add_probes(container, "/health/ready", "/health/live", "admin");
  container["lifecycle"] = before_stop();

  Workload workload{gateway.name, all.workspace};
  workload.container = std::move(container);
  workload.volumes.push_back({{"name", "configuration"}, {"configMap", {{"name", gateway.name}}}});
  workload.mounts.push_back({{"name", "configuration"}, {"mountPath", "/etc/msctl"}, {"readOnly", true}});
  workload.replicas = 0;
  workload.most = most_gateways;
  Objects out{account(gateway.name, all.workspace),
              deployment(workload),
              service(gateway.name, all.workspace,
                      Json::array({{{"name", "http"}, {"port", 80}, {"targetPort", "http"}}})),
              autoscaler(gateway.name, all.workspace, least_gateways, most_gateways,
                         Json::array({resource_metric("cpu", gateway_load)})),
              disruption_budget(gateway.name, all.workspace),
              gateway_policy(all)};
  for (Json& object : out) say_gateway(object);
  // Not one that leads to the gateway: who looks for that one finds it by its label.
  out.insert(out.begin() + 3, gateways(gateway, all.workspace));
  return out;
}

}  // namespace msctl::scaffolds::kubernetes
