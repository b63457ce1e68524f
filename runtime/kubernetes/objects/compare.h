// Two objects, field by field, as people speak of them.
//
// Lists of maps are compared by the key that Kubernetes itself merges them by (`x-kubernetes-list-map-keys`
// in its API: a container's name, a port's number, a mount's path), so that an element which moved is no
// change, and one that is gone is told by its name.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace msctl::kubernetes {

using Json = nlohmann::json;

// One step of a path: a field, or an element of a list by its key ({"name","orders"}) or by its index.
struct PathStep {
  std::string field;       // of a map; empty: an element
  std::string key, value;  // of an element; `key` empty: `value` is its index
  bool operator==(const PathStep&) const = default;
};
using Path = std::vector<PathStep>;

// "spec.template.spec.containers[orders].image"; a field with a dot stands in quotes.
std::string to_text(const Path& path);

struct Change {
  Path path;
  Json before;  // discarded (is_discarded()) where there was nothing
  Json after;

  bool added() const { return before.is_discarded(); }
  bool removed() const { return after.is_discarded(); }
};

// Without what the API server and its controllers write: status, managedFields, uid, resourceVersion,
// generation, times, and the annotations of rollouts, of other appliers and of the lock.
Json without_bookkeeping(Json object);

// Of `before` and `after` as they stand.
std::vector<Change> differences(const Json& before, const Json& after);

// Where `live` is not what `wanted` states; fields that `wanted` does not state are somebody else's.
std::vector<Change> deviations(const Json& wanted, const Json& live);

// The key by which this list of maps is compared; empty: by position.
std::string merge_key(const Json& a, const Json& b);

}  // namespace msctl::kubernetes
