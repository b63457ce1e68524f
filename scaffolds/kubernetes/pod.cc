#include "scaffolds/kubernetes/pod.h"

#include <fmt/format.h>

#include <cstdint>

#include "scaffolds/kubernetes/objects.h"

namespace msctl::scaffolds::kubernetes {
namespace {

// "1500m" or "2", "128Mi" or "1000000".
std::string cpu_text(std::int64_t thousandths) {
  return thousandths % 1000 == 0 ? std::to_string(thousandths / 1000) : fmt::format("{}m", thousandths);
}

std::string memory_text(std::int64_t bytes) {
  constexpr std::int64_t kibi = 1024;
  if (bytes > 0 && bytes % (kibi * kibi * kibi) == 0)
    return fmt::format("{}Gi", bytes / (kibi * kibi * kibi));
  if (bytes > 0 && bytes % (kibi * kibi) == 0) return fmt::format("{}Mi", bytes / (kibi * kibi));
  if (bytes > 0 && bytes % kibi == 0) return fmt::format("{}Ki", bytes / kibi);
  return std::to_string(bytes);
}

constexpr std::int64_t default_cpu = 100;
constexpr std::int64_t default_memory = std::int64_t{128} << 20;

Json pod_security() {
  return {{"runAsNonRoot", true},
          {"runAsUser", containers::user},
          {"runAsGroup", containers::user},
          {"fsGroup", containers::user},
          {"seccompProfile", {{"type", "RuntimeDefault"}}}};
}

Json container_security() {
  return {{"allowPrivilegeEscalation", false},
          {"readOnlyRootFilesystem", true},
          {"capabilities", {{"drop", Json::array({"ALL"})}}}};
}

// "/var/lib/postgresql/data" → "var-lib-postgresql-data".
std::string volume_name(std::string_view folder) {
  std::string out;
  for (char c : folder)
    if (c == '/' && out.empty())
      continue;
    else
      out += c == '/' || c == '_' || c == '.' ? '-' : c;
  return out;
}

// Where the root is read-only, what is written goes here, and is gone with the Pod.
void add_writable(const std::vector<std::string>& folders, Json& mounts, Json& volumes) {
  for (const std::string& folder : folders) {
    const std::string name = volume_name(folder);
    mounts.push_back({{"name", name}, {"mountPath", folder}});
    volumes.push_back({{"name", name}, {"emptyDir", {{"sizeLimit", folder == "/tmp" ? "64Mi" : "512Mi"}}}});
  }
}

// Over nodes and zones, as far as there are some: a full cluster is no reason not to run.
Json spread(const Json& labels) {
  Json out = Json::array();
  for (const char* key : {"kubernetes.io/hostname", "topology.kubernetes.io/zone"})
    out.push_back({{"maxSkew", 1},
                   {"topologyKey", key},
                   {"whenUnsatisfiable", "ScheduleAnyway"},
                   {"labelSelector", {{"matchLabels", labels}}}});
  return out;
}

// Two that share a node go down with it.
Json apart(const Json& labels) {
  return {{"podAntiAffinity",
           {{"preferredDuringSchedulingIgnoredDuringExecution",
             Json::array({{{"weight", 100},
                           {"podAffinityTerm",
                            {{"topologyKey", "kubernetes.io/hostname"},
                             {"labelSelector", {{"matchLabels", labels}}}}}}})}}}};
}

}  // namespace

Json metadata(std::string_view name, std::string_view workspace) {
  Json labels = selector(name, workspace);
  labels["app.kubernetes.io/managed-by"] = "msctl";
  return {{"name", name}, {"labels", std::move(labels)}};
}

Json resources(const workspace::Resources& stated) {
  const std::string memory = memory_text(stated.memory.value_or(default_memory));
  return {{"requests",
           {{"cpu", cpu_text(stated.cpu.value_or(default_cpu))},
            {"memory", memory},
            {"ephemeral-storage", "64Mi"}}},
          {"limits", {{"memory", memory}, {"ephemeral-storage", "1Gi"}}}};
}

Json probe(const std::string& path, std::string_view port) {
  if (path.empty()) return {{"tcpSocket", {{"port", port}}}};
  return {{"httpGet", {{"path", path}, {"port", port}}}};
}

Json deployment(const Workload& workload) {
  const Json labels = selector(workload.name, workload.workspace);
  Json volumes = workload.volumes;
  Json mounts = workload.mounts;
  std::vector<std::string> folders{"/tmp"};
  folders.insert(folders.end(), workload.writable.begin(), workload.writable.end());
  add_writable(folders, mounts, volumes);

  Json container = workload.container;
  container["securityContext"] = container_security();
  container["volumeMounts"] = std::move(mounts);

  Json pod{{"serviceAccountName", workload.name},
           {"automountServiceAccountToken", false},
           {"enableServiceLinks", false},
           {"terminationGracePeriodSeconds", containers::kill_after},
           {"securityContext", pod_security()}};
  if (workload.most > 1) {
    pod["topologySpreadConstraints"] = spread(labels);
    pod["affinity"] = apart(labels);
  }
  pod["containers"] = Json::array({std::move(container)});
  pod["volumes"] = std::move(volumes);

  Json spec = Json::object();
  // One is the default, but who looks for what has no spare finds it only where it is said.
  if (workload.replicas > 0) spec["replicas"] = workload.replicas;
  spec["selector"] = {{"matchLabels", labels}};
  spec["strategy"] = workload.keeps_data
                         ? Json{{"type", "Recreate"}}
                         : Json{{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxUnavailable", 0}}}};
  spec["template"] = {{"metadata", {{"labels", metadata(workload.name, workload.workspace)["labels"]}}},
                      {"spec", std::move(pod)}};
  return {{"apiVersion", "apps/v1"},
          {"kind", "Deployment"},
          {"metadata", metadata(workload.name, workload.workspace)},
          {"spec", std::move(spec)}};
}

}  // namespace msctl::scaffolds::kubernetes
