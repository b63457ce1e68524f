#include "runtime/kubernetes/deploy/meaning.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/base/yaml/node.h"
#include "runtime/kubernetes/deploy/jobs.h"

namespace msctl::kubernetes::deploy {
namespace {

using Lines = std::vector<std::string>;

const Json& at(const Json& object, const char* pointer) {
  static const Json none;
  const Json::json_pointer where(pointer);
  return object.is_structured() && object.contains(where) ? object.at(where) : none;
}

std::string replicas(std::int64_t count) {
  return count == 1 ? "1 replica" : fmt::format("{} replicas", count);
}

std::int64_t replicas_of(const Json& deployment) {
  const Json& count = at(deployment, "/spec/replicas");
  return count.is_number_integer() ? count.get<std::int64_t>() : 1;
}

std::string image_of(const Json& deployment) {
  const Json& image = at(deployment, "/spec/template/spec/containers/0/image");
  return image.is_string() ? image.get<std::string>() : "";
}

// "registry/shop/orders@sha256:0123456789ab": as much as tells two apart.
std::string shortened(const std::string& image) {
  const std::size_t digest = image.find("@sha256:");
  constexpr std::size_t shown = 12;
  return digest == std::string::npos ? image : image.substr(0, digest + 8 + shown);
}

Lines of_deployment(Action action, const Json& before, const Json& after) {
  if (action == Action::create)
    return {fmt::format("starts {} of {}", replicas(replicas_of(after)), shortened(image_of(after)))};
  if (action == Action::remove) return {fmt::format("stops its {}", replicas(replicas_of(before)))};
  Lines out;
  if (const auto was = image_of(before), now = image_of(after); was != now)
    out.push_back(fmt::format("another version: {} → {}", shortened(was), shortened(now)));
  if (at(before, "/spec/template") != at(after, "/spec/template"))
    out.push_back(fmt::format("restarts its {}, one after another", replicas(replicas_of(before))));
  if (const auto was = replicas_of(before), now = replicas_of(after); was != now)
    out.push_back(fmt::format("capacity: {} → {}", was, replicas(now)));
  return out;
}

Lines of_autoscaler(Action action, const Json& before, const Json& after) {
  auto bounds = [](const Json& autoscaler) {
    const Json& least = at(autoscaler, "/spec/minReplicas");
    const Json& most = at(autoscaler, "/spec/maxReplicas");
    return fmt::format("{} to {}", least.is_null() ? "1" : least.dump(), most.dump());
  };
  if (action == Action::create) return {fmt::format("is scaled automatically, {} replicas", bounds(after))};
  if (action == Action::remove) return {"is not scaled automatically any more"};
  if (bounds(before) == bounds(after)) return {};
  return {fmt::format("bounds: {} → {} replicas", bounds(before), bounds(after))};
}

// By name, everything that the route says.
std::map<std::string, std::string> routes_of(const Json& config_map) {
  std::map<std::string, std::string> out;
  const Json& file = at(config_map, "/data/gateway.yaml");
  if (!file.is_string()) return out;
  const yaml::Document document = yaml::parse("gateway.yaml", file.get<std::string>());
  const yaml::Node* routes = document.root.find("routes");
  if (routes == nullptr || !routes->is_list()) return out;
  auto text = [](const yaml::Node& node, auto& self) -> std::string {
    std::string all = node.scalar;
    for (const yaml::Node& item : node.items) all += "[" + self(item, self) + "]";
    for (const auto& entry : node.entries)
      all += "{" + entry.key.scalar + ":" + self(entry.value, self) + "}";
    return all;
  };
  for (const yaml::Node& route : routes->items)
    if (const yaml::Node* name = route.find("name")) out[name->scalar] = text(route, text);
  return out;
}

Lines of_config_map(const Json& before, const Json& after) {
  const auto was = routes_of(before);
  const auto now = routes_of(after);
  Lines out;
  for (const auto& [name, route] : was)
    if (!now.contains(name)) out.push_back(fmt::format("route removed: {}", name));
  for (const auto& [name, route] : now) {
    const auto old = was.find(name);
    if (old == was.end())
      out.push_back(fmt::format("route added: {}", name));
    else if (old->second != route)
      out.push_back(fmt::format("route changed: {}", name));
  }
  return out;
}

}  // namespace

Lines meaning(Action action, const Json& before, const Json& after) {
  const std::string kind = (after.is_null() ? before : after).value("kind", "");
  if (kind == "Deployment") return of_deployment(action, before, after);
  if (kind == "HorizontalPodAutoscaler") return of_autoscaler(action, before, after);
  if (kind == "ConfigMap") return of_config_map(before, after);
  if (kind == "Job") return meaning_of_job(action, before, after);
  if (kind == "Service" && action == Action::remove) return {"nobody finds it under this name any more"};
  if (kind == "NetworkPolicy" && action != Action::create) return {"who may talk to whom changes"};
  if (kind == "PersistentVolumeClaim" && action == Action::remove) return {"its data is lost"};
  return {};
}

bool holds_data(const Ref& ref) {
  static const std::set<std::string> kinds{"PersistentVolumeClaim", "PersistentVolume", "Namespace",
                                           "CustomResourceDefinition", "StatefulSet"};
  return kinds.contains(ref.kind);
}

}  // namespace msctl::kubernetes::deploy
