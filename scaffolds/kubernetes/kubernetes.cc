#include "scaffolds/kubernetes/kubernetes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "runtime/base/yaml/write.h"
#include "scaffolds/containers/containers.h"
#include "scaffolds/containers/text.h"
#include "scaffolds/kubernetes/access.h"
#include "scaffolds/kubernetes/gateway_metrics.h"
#include "scaffolds/kubernetes/objects.h"

namespace msctl::scaffolds::kubernetes {
namespace {

using containers::Container;
using containers::Containers;
using generated::File;
using Json = nlohmann::ordered_json;
using ConfigFiles = std::vector<std::pair<std::string, std::string>>;

constexpr const char* folder = "deploy/kubernetes";

// Everything that is deployed: what base and overlays are compared by.
struct Deployment {
  Containers all;
  std::map<std::string, Objects> objects;                    // by the file's name, without ".yaml"
  std::map<std::string, std::vector<std::string>> settings;  // by ConfigMap: "KEY=value"
  ConfigFiles gateway;
};

// As Kustomize reads a literal: one pair of quotes around the value is not part of it.
std::string setting(const std::string& name, const std::string& value) {
  const bool quoted =
      value.size() >= 2 && value.front() == value.back() && (value[0] == '"' || value[0] == '\'');
  return quoted ? fmt::format("{}='{}'", name, value) : fmt::format("{}={}", name, value);
}

base::Result<Deployment> deployment_of(const workspace::Workspace& workspace, std::string_view gateway_image,
                                       bool prefer_urls) {
  auto all = containers::containers(workspace, prefer_urls);
  if (!all) return std::unexpected(std::move(all.error()));
  Deployment out{std::move(*all), {}, {}, {}};
  for (const Container& container : out.all.all) {
    out.objects[container.name] = objects_of(out.all, container);
    std::vector<std::string> settings;
    for (const auto& [name, value] : container.settings) settings.push_back(setting(name, value));
    for (const auto& [name, value] : container.addresses) settings.push_back(setting(name, value));
    if (!settings.empty()) out.settings[settings_name(container)] = std::move(settings);
  }
  if (out.all.gateway) {
    out.objects[out.all.gateway->name] = gateway_objects(out.all, gateway_image);
    out.gateway = containers::gateway_files(workspace, out.all);
  }
  return out;
}

Json kustomization() {
  return {{"apiVersion", "kustomize.config.k8s.io/v1beta1"}, {"kind", "Kustomization"}};
}

Json generator(const std::string& name, const char* behavior, const char* source, Json list) {
  Json out{{"name", name}};
  if (behavior != nullptr) out["behavior"] = behavior;
  out[source] = std::move(list);
  return out;
}

Json names_of(const ConfigFiles& files) {
  Json out = Json::array();
  for (const auto& [name, content] : files) out.push_back("gateway/" + name);
  return out;
}

void add_config(const ConfigFiles& files, const std::string& below, std::vector<File>& out) {
  for (const auto& [name, content] : files)
    out.push_back(
        {fmt::format("{}/gateway/{}", below, name), containers::with_header("---\n" + content), false, {}});
}

void add_base(const workspace::Workspace& workspace, const Deployment& base, std::vector<File>& out) {
  const std::string below = fmt::format("{}/base", folder);
  Json resources = Json::array({"default-deny.yaml"});
  out.push_back({below + "/default-deny.yaml", containers::yaml_file({default_deny()}), false, {}});
  for (const auto& [name, objects] : base.objects) {
    const bool is_service = workspace.find(name) != nullptr;
    out.push_back({fmt::format("{}/{}.yaml", below, name), containers::yaml_file(objects), false,
                   is_service ? name : std::string()});
    resources.push_back(name + ".yaml");
  }
  Json file = kustomization();
  file["namespace"] = workspace.name;
  file["resources"] = std::move(resources);
  Json generators = Json::array();
  if (!base.gateway.empty())
    generators.push_back(generator(base.all.gateway->name, nullptr, "files", names_of(base.gateway)));
  for (const auto& [name, settings] : base.settings)
    generators.push_back(generator(name, nullptr, "literals", settings));
  if (!generators.empty()) file["configMapGenerator"] = std::move(generators);
  out.push_back({below + "/kustomization.yaml", containers::yaml_file({file}), false, {}});
  add_config(base.gateway, below, out);
}

// Where the images of an environment come from. Their tags or digests are set by who builds them:
// kustomize edit set image shop/orders=…@sha256:…
Json images(const workspace::Environment& environment, const Deployment& deployed,
            std::string_view gateway_image) {
  Json out = Json::array();
  if (environment.registry.empty()) return out;
  for (const Container& container : deployed.all.all)
    if (container.is_own)
      out.push_back({{"name", container.image},
                     {"newName", fmt::format("{}/{}", environment.registry, container.name)}});
  if (deployed.all.gateway) {
    const std::string name(gateway_image.substr(0, gateway_image.rfind(':')));
    out.push_back({{"name", name}, {"newName", fmt::format("{}/{}", environment.registry, name)}});
  }
  return out;
}

std::string identity(const Json& object) {
  return fmt::format("{}/{}", object["kind"].get<std::string>(),
                     object["metadata"]["name"].get<std::string>());
}

const Json* find(const Objects& objects, const std::string& wanted) {
  auto found = std::ranges::find_if(objects, [&](const Json& object) { return identity(object) == wanted; });
  return found == objects.end() ? nullptr : &*found;
}

// What makes the base's objects those of the environment. Objects that only it has go to `more`.
Json patches(const Deployment& base, const Deployment& there, std::map<std::string, Objects>& more) {
  Json out = Json::array();
  auto add = [&](const Json& patch) { out.push_back({{"patch", yaml::write(patch)}}); };
  static const Objects none;
  for (const auto& [name, objects] : base.objects) {
    const auto now = there.objects.find(name);
    if (now != there.objects.end() && now->second == objects) continue;
    for (const Json& object : objects) {
      const Json* changed = find(now == there.objects.end() ? none : now->second, identity(object));
      if (changed == nullptr)
        add({{"$patch", "delete"},
             {"apiVersion", object["apiVersion"]},
             {"kind", object["kind"]},
             {"metadata", {{"name", object["metadata"]["name"]}}}});
      else if (*changed != object)
        add(*changed);
    }
  }
  for (const auto& [name, objects] : there.objects) {
    const auto before = base.objects.find(name);
    if (before != base.objects.end() && before->second == objects) continue;
    for (const Json& object : objects)
      if (find(before == base.objects.end() ? none : before->second, identity(object)) == nullptr)
        more[name].push_back(object);
  }
  return out;
}

void add_overlay(const workspace::Environment& environment, const Deployment& base, const Deployment& there,
                 std::string_view gateway_image, std::vector<File>& out) {
  const std::string below = fmt::format("{}/overlays/{}", folder, environment.name);
  std::map<std::string, Objects> more;
  Json changes = patches(base, there, more);
  Json file = kustomization();
  if (!environment.kubernetes_namespace.empty()) file["namespace"] = environment.kubernetes_namespace;
  Json resources = Json::array({"../../base"});
  for (const auto& [name, objects] : more) {
    out.push_back({fmt::format("{}/{}.yaml", below, name), containers::yaml_file(objects), false, {}});
    resources.push_back(name + ".yaml");
  }
  file["resources"] = std::move(resources);

  Json generators = Json::array();
  if (there.gateway != base.gateway && there.all.gateway) {
    generators.push_back(generator(there.all.gateway->name, base.all.gateway ? "replace" : nullptr, "files",
                                   names_of(there.gateway)));
    add_config(there.gateway, below, out);
  }
  for (const auto& [name, settings] : there.settings) {
    const auto before = base.settings.find(name);
    if (before == base.settings.end() || before->second != settings)
      generators.push_back(
          generator(name, before == base.settings.end() ? nullptr : "replace", "literals", settings));
  }
  if (!generators.empty()) file["configMapGenerator"] = std::move(generators);
  if (Json from = images(environment, there, gateway_image); !from.empty()) file["images"] = std::move(from);
  if (!changes.empty()) file["patches"] = std::move(changes);
  out.push_back({below + "/kustomization.yaml", containers::yaml_file({file}), false, {}});
}

DeployerNeeds deployer_needs(const workspace::Environment& environment, const Containers& all) {
  DeployerNeeds out;
  out.gateway = all.gateway ? all.gateway->name : "";
  out.serves_metrics = needs_gateway_metrics(all);
  out.jobs = std::ranges::any_of(all.all, [](const Container& each) { return !each.service->jobs.empty(); });
  std::vector<std::string> with_secrets;
  for (const Container& each : all.all)
    if (!each.secrets.empty()) with_secrets.push_back(each.name);
  if (environment.secrets.kind == workspace::SecretSource::Kind::cluster)
    out.reads_secrets = std::move(with_secrets);
  else
    out.makes_secrets = !with_secrets.empty();
  return out;
}

void add_deployer(const workspace::Workspace& workspace, const workspace::Environment& environment,
                  const Containers& all, std::vector<File>& out) {
  const std::string& space =
      environment.kubernetes_namespace.empty() ? workspace.name : environment.kubernetes_namespace;
  out.push_back(
      {fmt::format("{}/deployers/{}.yaml", folder, environment.name),
       containers::yaml_file(deployer_access(workspace.name, space, deployer_needs(environment, all))),
       false,
       {}});
}

void add_notes(const Containers& all, std::vector<generated::Note>& notes) {
  for (const Container& container : all.all) {
    if (container.can_scale() && container.service->scale->min == 0)
      notes.push_back(
          {container.name,
           fmt::format("{}: scale.min 0 is written as 1: Kubernetes' own autoscaler never scales to nothing",
                       container.name)});
    if (!container.secrets.empty())
      notes.push_back({container.name, fmt::format("{0}: Kubernetes needs a Secret '{0}' with the keys {1}",
                                                   container.name, fmt::join(container.secrets, ", "))});
    if (!container.service->jobs.empty())
      notes.push_back({container.name,
                       fmt::format("{}: its jobs are not in these files: nothing but `msctl deploy`, or the "
                                   "chart of `generate helm`, runs them before and after a new version",
                                   container.name)});
  }
}

}  // namespace

base::Result<generated::Emitted> emit(const workspace::Workspace& workspace,
                                      const std::vector<InEnvironment>& environments,
                                      std::string_view gateway_image) {
  auto base = deployment_of(workspace, gateway_image, false);
  if (!base) return std::unexpected(std::move(base.error()));
  generated::Emitted out;
  add_base(workspace, *base, out.files);
  for (const InEnvironment& each : environments) {
    auto there = deployment_of(*each.workspace, gateway_image, true);
    if (!there) return std::unexpected(std::move(there.error()));
    auto stated = std::ranges::find(each.workspace->environments, each.name, &workspace::Environment::name);
    if (stated == each.workspace->environments.end()) continue;
    add_overlay(*stated, *base, *there, gateway_image, out.files);
    add_deployer(*each.workspace, *stated, there->all, out.files);
  }
  add_notes(base->all, out.notes);
  return out;
}

}  // namespace msctl::scaffolds::kubernetes
