#include "runtime/kubernetes/objects/owners.h"

#include <algorithm>

namespace msctl::kubernetes {
namespace {

// "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": an element by its keys, of which ours is one.
bool is_element(const std::string& entry, const PathStep& step) {
  if (entry == "i:" + step.value && step.key.empty()) return true;
  if (!entry.starts_with("k:") || step.key.empty()) return false;
  const Json keys = Json::parse(entry.substr(2), nullptr, false);
  if (!keys.is_object() || !keys.contains(step.key)) return false;
  const Json& value = keys[step.key];
  return (value.is_string() ? value.get<std::string>() : value.dump()) == step.value;
}

const Json* below(const Json& fields, const PathStep& step) {
  if (!fields.is_object()) return nullptr;
  if (!step.field.empty()) {
    const auto found = fields.find("f:" + step.field);
    return found == fields.end() ? nullptr : &*found;
  }
  for (const auto& [entry, value] : fields.items())
    if (is_element(entry, step)) return &value;
  return nullptr;
}

// Lists that are one value (atomic) and what is within them are owned where the walk ends.
bool states(const Json& fields, const Path& path) {
  const Json* at = &fields;
  for (const PathStep& step : path) {
    const Json* next = below(*at, step);
    if (next == nullptr) return at != &fields && at->is_object() && at->empty();
    at = next;
  }
  return true;
}

}  // namespace

std::vector<Owner> owners(const Json& live, const Path& path) {
  std::vector<Owner> out;
  const Json::json_pointer where("/metadata/managedFields");
  if (!live.contains(where) || !live[where].is_array()) return out;
  for (const Json& entry : live[where])
    if (entry.contains("fieldsV1") && states(entry["fieldsV1"], path))
      out.push_back({entry.value("manager", ""), entry.value("operation", ""), entry.value("time", ""),
                     entry.value("subresource", "")});
  std::ranges::stable_sort(out, [](const Owner& a, const Owner& b) { return a.time > b.time; });
  return out;
}

bool owns(const Json& live, const Path& path, const std::string& manager) {
  return std::ranges::any_of(owners(live, path), [&](const Owner& owner) {
    return owner.manager == manager && owner.operation == "Apply";
  });
}

}  // namespace msctl::kubernetes
