#include "runtime/kubernetes/objects/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "runtime/kubernetes/objects/ref.h"

namespace msctl::kubernetes {
namespace {

// In this order: a port of a Service has a name and a number, and is known by its name.
constexpr std::array<const char*, 6> merge_keys{"name",        "containerPort", "mountPath",
                                                "topologyKey", "port",          "type"};

bool identifies(const Json& list, const char* key) {
  std::set<std::string> seen;
  return std::ranges::all_of(list, [&](const Json& item) {
    if (!item.is_object()) return false;
    const auto found = item.find(key);
    return found != item.end() && found->is_primitive() && seen.insert(found->dump()).second;
  });
}

std::string key_text(const Json& item, const std::string& key) {
  const Json& value = item.at(key);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

const Json* with_key(const Json& list, const std::string& key, const Json& value) {
  auto found = std::ranges::find_if(list, [&](const Json& item) { return item.at(key) == value; });
  return found == list.end() ? nullptr : &*found;
}

const Json& nothing() {
  static const Json none(Json::value_t::discarded);
  return none;
}

// The walk over both at once. `strict`: what only `after` has counts, too.
class Walk {
public:
  explicit Walk(bool strict) : strict_(strict) {}
  void visit(const Json& before, const Json& after) {
    if (before == after) return;
    if (before.is_object() && after.is_object())
      maps(before, after);
    else if (before.is_array() && after.is_array())
      lists(before, after);
    else
      out_.push_back({path_, before, after});
  }
  std::vector<Change> take() { return std::move(out_); }

private:
  void maps(const Json& before, const Json& after) {
    for (const auto& [name, value] : before.items())
      step({name, {}, {}}, value, after.contains(name) ? after.at(name) : nothing());
    if (!strict_) return;
    for (const auto& [name, value] : after.items())
      if (!before.contains(name)) step({name, {}, {}}, nothing(), value);
  }

  void lists(const Json& before, const Json& after) {
    const std::string key = merge_key(before, after);
    if (key.empty())
      by_position(before, after);
    else
      by_key(before, after, key);
  }

  void by_key(const Json& before, const Json& after, const std::string& key) {
    for (const Json& item : before) {
      const Json* other = with_key(after, key, item.at(key));
      step({{}, key, key_text(item, key)}, item, other == nullptr ? nothing() : *other);
    }
    // An element more is a change of a list whoever states it: a second container runs, too.
    for (const Json& item : after)
      if (with_key(before, key, item.at(key)) == nullptr)
        step({{}, key, key_text(item, key)}, nothing(), item);
  }

  void by_position(const Json& before, const Json& after) {
    const std::size_t common = std::min(before.size(), after.size());
    for (std::size_t i = 0; i < common; ++i) step({{}, {}, std::to_string(i)}, before[i], after[i]);
    for (std::size_t i = common; i < before.size(); ++i)
      step({{}, {}, std::to_string(i)}, before[i], nothing());
    for (std::size_t i = common; i < after.size(); ++i)
      step({{}, {}, std::to_string(i)}, nothing(), after[i]);
  }

  void step(PathStep step, const Json& before, const Json& after) {
    path_.push_back(std::move(step));
    if (before.is_discarded() || after.is_discarded()) {
      if (!is_empty(before) || !is_empty(after)) out_.push_back({path_, before, after});
    } else {
      visit(before, after);
    }
    path_.pop_back();
  }

  // An empty map or list says as much as its absence.
  static bool is_empty(const Json& value) {
    return value.is_discarded() || value.is_null() || (value.is_structured() && value.empty());
  }

  bool strict_;
  Path path_;
  std::vector<Change> out_;
};

}  // namespace

std::string to_text(const Path& path) {
  std::string out;
  for (const PathStep& step : path) {
    if (step.field.empty()) {
      out += fmt::format("[{}]", step.value);
      continue;
    }
    if (!out.empty()) out += '.';
    out +=
        step.field.find_first_of("./") == std::string::npos ? step.field : fmt::format("\"{}\"", step.field);
  }
  return out;
}

std::string merge_key(const Json& a, const Json& b) {
  if (a.empty() && b.empty()) return {};
  for (const char* key : merge_keys)
    if (identifies(a, key) && identifies(b, key)) return key;
  return {};
}

Json without_bookkeeping(Json object) {
  if (!object.is_object()) return object;
  object.erase("status");
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return object;
  for (const char* name : {"managedFields", "uid", "resourceVersion", "generation", "creationTimestamp",
                           "selfLink", "namespace"})
    metadata->erase(name);
  if (const auto annotations = metadata->find("annotations");
      annotations != metadata->end() && annotations->is_object()) {
    for (const char* name :
         {"deployment.kubernetes.io/revision", names::epoch,
          "kubectl.kubernetes.io/last-applied-configuration", "autoscaling.alpha.kubernetes.io/conditions"})
      annotations->erase(name);
    if (annotations->empty()) metadata->erase("annotations");
  }
  return object;
}

std::vector<Change> differences(const Json& before, const Json& after) {
  Walk walk(true);
  walk.visit(before, after);
  return walk.take();
}

std::vector<Change> deviations(const Json& wanted, const Json& live) {
  Walk walk(false);
  walk.visit(wanted, live);
  return walk.take();
}

}  // namespace msctl::kubernetes
