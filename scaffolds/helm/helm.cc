#include "scaffolds/helm/helm.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "runtime/base/yaml/write.h"
#include "scaffolds/containers/containers.h"
#include "scaffolds/containers/text.h"
#include "scaffolds/helm/jobs.h"
#include "scaffolds/helm/template.h"
#include "scaffolds/kubernetes/jobs.h"
#include "scaffolds/kubernetes/objects.h"
#include "scaffolds/kubernetes/pod.h"
#include "scaffolds/kubernetes/policy.h"

namespace msctl::scaffolds::helm {
namespace {

using containers::Container;
using containers::Containers;
using generated::File;

// Names may hold '-', which the short form of a path does not take.
std::string path_of(std::string_view name, std::string_view key) {
  return fmt::format("(index .Values.services \"{}\").{}", name, key);
}

// Helm says by itself who manages an object.
void mark_labels(Json& object, Template& file) {
  if (object.is_object()) {
    for (auto& [key, value] : object.items())
      if (key == "app.kubernetes.io/managed-by")
        value = file.value(".Release.Service");
      else
        mark_labels(value, file);
  } else if (object.is_array()) {
    for (Json& item : object) mark_labels(item, file);
  }
}

void mark_manager(Json& object, Template& file) {
  mark_labels(object, file);
  Json metadata{{"name", object["metadata"]["name"]}, {"namespace", file.value(".Release.Namespace")}};
  metadata.update(object["metadata"]);
  object["metadata"] = std::move(metadata);
}

Json& container_in(Json& deployment) {
  return deployment["spec"]["template"]["spec"]["containers"][0];
}

// A change of what a Pod only refers to has to start new ones.
void add_checksum(Json& deployment, Template& file, const std::string& expression) {
  deployment["spec"]["template"]["metadata"]["annotations"]["checksum/configuration"] =
      file.value(expression + " | sha256sum");
}

// As below_resources: spec.egress stands at 2.
constexpr int below_egress = 4;

void open_container(const Container& container, Json& inner, Template& file) {
  // Columns within the text: spec.template.spec.containers[0].resources stands at 10.
  constexpr int below_resources = 12;
  inner["image"] = file.value(path_of(container.name, "image") + " | quote");
  inner["resources"] = file.block("toYaml " + path_of(container.name, "resources"), below_resources);
}

void open_deployment(const Container& container, Json& object, Template& file) {
  Json& inner = container_in(object);
  open_container(container, inner, file);
  if (inner.contains("envFrom")) add_checksum(object, file, "toYaml " + path_of(container.name, "settings"));
  if (container.can_scale()) return;
  // Where it stands in the manifests, too: first.
  object["spec"].erase("replicas");
  Json spec{{"replicas", file.value(path_of(container.name, "replicas"))}};
  spec.update(object["spec"]);
  object["spec"] = std::move(spec);
}

Json settings(const Container& container) {
  Json out = Json::object();
  for (const auto& [name, value] : container.settings) out[name] = value;
  for (const auto& [name, value] : container.addresses) out[name] = value;
  return out;
}

Json config_map(std::string_view name, std::string_view workspace, Json data) {
  return {
      {"apiVersion", "v1"},
      {"kind", "ConfigMap"},
      {"metadata",
       {{"name", name},
        {"labels", {{"app.kubernetes.io/part-of", workspace}, {"app.kubernetes.io/managed-by", "msctl"}}}}},
      {"data", std::move(data)}};
}

// What an environment may say otherwise of a container, beside its settings.
struct Varying {
  std::set<std::string> absent;  // it runs elsewhere in some environment
  std::set<std::string> egress;  // so does something that it needs
};

Json egress(const Containers& all, const Container& container) {
  return kubernetes::policy_of(all, container)["spec"]["egress"];
}

// Where the jobs of a service may go: as the service in that environment, and to the service.
Json egress_of_jobs(const Containers& all, const Container& container, const Json& policy, Template& file) {
  Json more = Json::array();
  const Json usual = egress(all, container);
  for (const Json& rule : policy["spec"]["egress"])
    if (std::ranges::find(usual, rule) == usual.end()) more.push_back(rule);
  return file.block(
      fmt::format("toYaml (concat {} (fromYamlArray `{}`))", path_of(container.name, "egress"), more.dump()),
      below_egress);
}

void add_hooks(const Containers& all, const Container& container, const Json& deployment, bool varies,
               const std::string& condition, Template& file) {
  for (Json& object : job_hooks(all, container, deployment)) {
    if (varies && object["metadata"]["name"] == kubernetes::jobs_name(container.name) &&
        object["kind"] == "NetworkPolicy")
      object["spec"]["egress"] = egress_of_jobs(all, container, object, file);
    mark_manager(object, file);
    if (object["kind"] == "Job") open_container(container, container_in(object), file);
    if (object["kind"] == "ConfigMap")
      object["data"] = file.block("toYaml " + path_of(container.name, "settings"), 2);
    file.add(std::move(object), condition);
  }
}

std::string service_template(const Containers& all, const Container& container, const Varying& varying) {
  const std::string condition =
      varying.absent.contains(container.name) ? path_of(container.name, "enabled") : std::string{};
  Template file;
  if (!settings(container).empty()) {
    Json map = config_map(kubernetes::settings_name(container), all.workspace,
                          file.block("toYaml " + path_of(container.name, "settings"), 2));
    mark_manager(map, file);
    file.add(std::move(map), condition);
  }
  for (Json& object : kubernetes::objects_of(all, container)) {
    mark_manager(object, file);
    const std::string kind = object["kind"];
    if (kind == "Deployment") {
      add_hooks(all, container, object, varying.egress.contains(container.name), condition, file);
      open_deployment(container, object, file);
    }
    if (kind == "HorizontalPodAutoscaler") {
      object["spec"]["minReplicas"] = file.value(path_of(container.name, "minReplicas"));
      object["spec"]["maxReplicas"] = file.value(path_of(container.name, "maxReplicas"));
    }
    if (kind == "NetworkPolicy" && varying.egress.contains(container.name))
      object["spec"]["egress"] = file.block("toYaml " + path_of(container.name, "egress"), below_egress);
    file.add(std::move(object), condition);
  }
  return file.write();
}

std::string gateway_template(const Containers& all, std::string_view image) {
  Template file;
  Json map =
      config_map(all.gateway->name, all.workspace, file.block("(.Files.Glob \"gateway/*\").AsConfig", 2));
  mark_manager(map, file);
  file.add(std::move(map));
  for (Json object : kubernetes::gateway_objects(all, image)) {
    mark_manager(object, file);
    if (object["kind"] == "Deployment") {
      container_in(object)["image"] = file.value(".Values.gateway.image | quote");
      add_checksum(object, file, "(.Files.Glob \"gateway/*\").AsConfig");
    }
    if (object["kind"] == "HorizontalPodAutoscaler") {
      object["spec"]["minReplicas"] = file.value(".Values.gateway.minReplicas");
      object["spec"]["maxReplicas"] = file.value(".Values.gateway.maxReplicas");
    }
    if (object["kind"] == "Service" && object["metadata"]["name"] == all.gateway->name)
      object["spec"]["type"] = file.value(".Values.gateway.serviceType");
    file.add(std::move(object));
  }
  return file.write();
}

Json values_of(const Containers& all, const Container& container, const Varying& varying) {
  Json out = Json::object();
  if (varying.absent.contains(container.name)) out["enabled"] = true;
  out["image"] =
      container.is_own ? fmt::format("{}:{}", container.image, kubernetes::no_tag) : container.image;
  if (container.can_scale()) {
    out["minReplicas"] = container.least();
    out["maxReplicas"] = container.most();
  } else {
    out["replicas"] = container.service->replicas;
  }
  out["resources"] = kubernetes::resources(container.service->resources);
  if (varying.egress.contains(container.name)) out["egress"] = egress(all, container);
  if (Json own = settings(container); !own.empty()) out["settings"] = std::move(own);
  return out;
}

Json values(const Containers& all, const Varying& varying, std::string_view gateway_image) {
  Json out = Json::object();
  if (all.gateway)
    out["gateway"] = {{"image", gateway_image},
                      {"minReplicas", kubernetes::least_gateways},
                      {"maxReplicas", kubernetes::most_gateways},
                      {"serviceType", "ClusterIP"}};
  Json services = Json::object();
  for (const Container& container : all.all)
    yaml::append(services, container.name, values_of(all, container, varying));
  out["services"] = std::move(services);
  return out;
}

// An environment's values are those of the chart, but for what is said here.
Json values_there(const workspace::Environment& environment, const Containers& base, const Containers& there,
                  std::string_view gateway_image) {
  Json services = Json::object();
  for (const Container& container : there.all) {
    const Container* before = base.find(container.name);
    if (before == nullptr) continue;
    Json own = Json::object();
    if (Json now = egress(there, container); now != egress(base, *before)) own["egress"] = std::move(now);
    if (container.is_own && !environment.registry.empty())
      own["image"] = fmt::format("{}/{}:{}", environment.registry, container.name, kubernetes::no_tag);
    Json changed = Json::object();
    const Json usual = settings(*before);
    const Json here = settings(container);
    for (const auto& [name, value] : here.items())
      if (!usual.contains(name) || usual[name] != value) changed[name] = value;
    if (!changed.empty()) own["settings"] = std::move(changed);
    if (!own.empty()) yaml::append(services, container.name, std::move(own));
  }
  for (const Container& container : base.all)
    if (there.find(container.name) == nullptr)
      yaml::append(services, container.name, Json{{"enabled", false}});
  Json out = Json::object();
  if (there.gateway && !environment.registry.empty())
    out["gateway"] = {{"image", fmt::format("{}/{}", environment.registry, gateway_image)}};
  if (!services.empty()) out["services"] = std::move(services);
  return out;
}

void note_varying(const Json& values, Varying& varying) {
  if (!values.contains("services")) return;
  for (const auto& [name, own] : values["services"].items()) {
    if (own.contains("enabled")) varying.absent.insert(name);
    if (own.contains("egress")) varying.egress.insert(name);
  }
}

}  // namespace

base::Result<generated::Emitted> emit(const workspace::Workspace& workspace,
                                      const std::vector<kubernetes::InEnvironment>& environments,
                                      std::string_view gateway_image) {
  auto all = containers::containers(workspace);
  if (!all) return std::unexpected(std::move(all.error()));
  const std::string below = fmt::format("deploy/helm/{}", workspace.name);
  generated::Emitted out;
  auto add = [&](const std::string& path, std::string content, std::string service = {}) {
    out.files.push_back({fmt::format("{}/{}", below, path), std::move(content), false, std::move(service)});
  };
  add("Chart.yaml",
      containers::yaml_file({Json{{"apiVersion", "v2"},
                                  {"name", workspace.name},
                                  {"description", fmt::format("The services of {}", workspace.name)},
                                  {"type", "application"},
                                  {"version", "0.1.0"}}}));
  Varying varying;
  std::vector<std::pair<std::string, Json>> elsewhere;  // the values of an environment, by its name
  for (const kubernetes::InEnvironment& each : environments) {
    auto there = containers::containers(*each.workspace, true);
    if (!there) return std::unexpected(std::move(there.error()));
    auto stated = std::ranges::find(each.workspace->environments, each.name, &workspace::Environment::name);
    if (stated == each.workspace->environments.end()) continue;
    Json own = values_there(*stated, *all, *there, gateway_image);
    if (own.empty()) continue;
    note_varying(own, varying);
    elsewhere.emplace_back(each.name, std::move(own));
  }
  add("values.yaml", containers::yaml_file({values(*all, varying, gateway_image)}));
  for (const auto& [name, own] : elsewhere)
    add(fmt::format("values-{}.yaml", name), containers::yaml_file({own}));
  Template network;
  Json deny = kubernetes::default_deny();
  mark_manager(deny, network);
  network.add(std::move(deny));
  add("templates/default-deny.yaml", network.write());
  for (const Container& container : all->all) {
    add(fmt::format("templates/{}.yaml", container.name), service_template(*all, container, varying),
        container.name);
    if (!container.service->jobs.empty())
      out.notes.push_back(
          {container.name,
           fmt::format("{}: its jobs are hooks of the chart; those of a first 'helm install' run before "
                       "anything else of it, so that what they need has to be there already",
                       container.name)});
  }
  if (all->gateway) {
    add(fmt::format("templates/{}.yaml", all->gateway->name), gateway_template(*all, gateway_image));
    for (const auto& [name, content] : containers::gateway_files(workspace, *all))
      add("gateway/" + name, containers::with_header("---\n" + content));
  }
  return out;
}

}  // namespace msctl::scaffolds::helm
