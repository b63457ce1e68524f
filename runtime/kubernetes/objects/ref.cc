#include "runtime/kubernetes/objects/ref.h"

#include <nlohmann/json.hpp>

namespace msctl::kubernetes {
namespace {

std::string entry(const nlohmann::json& object, const char* map, const char* name) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return {};
  const auto found = metadata->find(map);
  if (found == metadata->end() || !found->is_object()) return {};
  return found->value(name, "");
}

}  // namespace

Ref ref_of(const nlohmann::json& object) {
  return {object.value("apiVersion", ""), object.value("kind", ""),
          object.contains("metadata") ? object["metadata"].value("name", "") : ""};
}

std::string label(const nlohmann::json& object, const char* name) {
  return entry(object, "labels", name);
}

std::string annotation(const nlohmann::json& object, const char* name) {
  return entry(object, "annotations", name);
}

}  // namespace msctl::kubernetes
