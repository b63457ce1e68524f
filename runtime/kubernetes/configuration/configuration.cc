#include "runtime/kubernetes/configuration/configuration.h"

#include <optional>

namespace msctl::kubernetes {
namespace {

Files files_of(const Json& object) {
  Files out;
  const auto data = object.find("data");
  if (data == object.end() || !data->is_object()) return out;
  for (const auto& [name, content] : data->items())
    if (content.is_string()) out[name] = content.get<std::string>();
  return out;
}

}  // namespace

Answer<void> follow_config_map(Cluster& cluster, const std::string& name,
                               const std::function<void(const Files&)>& changed,
                               const std::function<bool()>& go_on) {
  std::optional<Files> told;
  return cluster.watch(
      {{{"v1", "ConfigMap", name}, {}}},
      [&](const WatchEvent& event) {
        if (event.kind != WatchEvent::Kind::set) return true;
        Files now = files_of(event.object);
        if (told && *told == now) return true;  // its labels or annotations are others
        told = std::move(now);
        changed(*told);
        return true;
      },
      go_on);
}

}  // namespace msctl::kubernetes
