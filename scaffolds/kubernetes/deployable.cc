#include "scaffolds/kubernetes/deployable.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/digest/digest.h"
#include "scaffolds/containers/containers.h"
#include "scaffolds/kubernetes/access.h"
#include "scaffolds/kubernetes/gateway_metrics.h"
#include "scaffolds/kubernetes/jobs.h"
#include "scaffolds/kubernetes/objects.h"
#include "scaffolds/kubernetes/pod.h"

namespace msctl::scaffolds::kubernetes {
namespace {

using containers::Container;
using containers::Containers;

Json config_map(const std::string& name, std::string_view workspace, std::string_view of, Json data) {
  Json out{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", metadata(name, workspace)}};
  out["metadata"]["labels"]["app.kubernetes.io/name"] = of;
  out["data"] = std::move(data);
  return out;
}

// Under a name of its content: a change of settings is a change of the Pods that have them, and those of the
// version before keep theirs.
Json settings_of(const Container& container, std::string_view workspace) {
  Json data = Json::object();
  for (const auto& [name, value] : container.settings) data[name] = value;
  for (const auto& [name, value] : container.addresses) data[name] = value;
  if (data.empty()) return {};
  const std::string hash = digest::sha256(data.dump()).substr(0, 10);
  return config_map(fmt::format("{}-{}", settings_name(container), hash), workspace, container.name,
                    std::move(data));
}

Json& first_container(Json& deployment) {
  return deployment["spec"]["template"]["spec"]["containers"][0];
}

void set_image(Json& deployment, const std::string& image) {
  Json& container = first_container(deployment);
  container["image"] = image;
  // A digest never means something else later.
  if (image.find('@') != std::string::npos) container["imagePullPolicy"] = "IfNotPresent";
}

void set_space(std::vector<Json>& objects, const std::string& space) {
  for (Json& object : objects) {
    object["metadata"]["namespace"] = space;
    if (object["kind"] == "RoleBinding") object["subjects"][0]["namespace"] = space;
  }
}

base::Result<Deployable> service_part(const Containers& all, const Container& container,
                                      const DeployableInput& input) {
  Deployable out{container.name, container.needs, container.image, objects_of(all, container)};
  if (container.is_own) {
    const auto image = input.images.find(container.name);
    if (image == input.images.end())
      return base::fail(base::Code::noImage, fmt::format("there is no image of {} to deploy", container.name),
                        fmt::format("msctl build {} --push", container.name));
    out.image = image->second;
  }
  const Json settings = settings_of(container, all.workspace);
  for (Json& object : out.objects) {
    if (object["kind"] != "Deployment") continue;
    set_image(object, out.image);
    if (!settings.is_null())
      first_container(object)["envFrom"][0]["configMapRef"]["name"] = settings["metadata"]["name"];
  }
  if (!settings.is_null()) out.objects.insert(out.objects.begin(), settings);
  // Last: their Pods are what the Deployment's have become by now.
  add_jobs(all, container, out.objects);
  return out;
}

Deployable gateway_part(const Containers& all, const DeployableInput& input) {
  const containers::Gateway& gateway = *all.gateway;
  Deployable out{gateway.name, gateway.upstreams, input.gateway_image,
                 gateway_objects(all, input.gateway_image)};
  Json files = Json::object();
  for (const auto& [name, content] : containers::gateway_files(*input.workspace, all)) files[name] = content;
  for (Json& object : out.objects) {
    if (object["kind"] == "Deployment") {
      set_image(object, input.gateway_image);
      for (const std::string& word : {std::string("--kubernetes"), std::string("--config-map"), gateway.name})
        first_container(object)["args"].push_back(word);
      object["spec"]["template"]["spec"]["automountServiceAccountToken"] = true;
    }
    // Where the API server is, no policy can say: it is no Pod, and its address is the cluster's business.
    if (object["kind"] == "NetworkPolicy")
      object["spec"]["egress"].push_back({{"ports", Json::array({{{"port", 443}}, {{"port", 6443}}})}});
  }
  const bool serves_metrics = needs_gateway_metrics(all);
  if (serves_metrics) serve_metrics(all, out.objects);
  // It looks for the replicas of its upstreams, and for its configuration, itself.
  const Objects access = gateway_access(gateway.name, all.workspace, serves_metrics);
  out.objects.insert(out.objects.begin() + 1, access.begin(), access.end());
  // Under one name: what changes in it is taken in by the gateways that run.
  out.objects.insert(out.objects.begin(),
                     config_map(gateway.name, all.workspace, gateway.name, std::move(files)));
  return out;
}

}  // namespace

base::Result<std::vector<Deployable>> deployables(const DeployableInput& input) {
  auto all = containers::containers(*input.workspace, true);
  if (!all) return std::unexpected(std::move(all.error()));
  std::vector<Deployable> out;
  Json deny = default_deny();
  deny["metadata"]["labels"]["app.kubernetes.io/part-of"] = all->workspace;
  out.push_back({{}, {}, {}, {std::move(deny)}});
  for (const Container& container : all->all) {
    if (!input.services.empty() && std::ranges::find(input.services, container.name) == input.services.end())
      continue;
    auto part = service_part(*all, container, input);
    if (!part) return std::unexpected(std::move(part.error()));
    out.push_back(std::move(*part));
  }
  if (all->gateway) out.push_back(gateway_part(*all, input));
  for (Deployable& part : out) set_space(part.objects, input.space);
  return out;
}

}  // namespace msctl::scaffolds::kubernetes
