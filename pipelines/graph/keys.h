// The keys of msctl.yaml: which have changed, and to which services they matter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/yaml/node.h"
#include "runtime/workspace/types.h"

namespace msctl::graph {

// Paths of what is not the same in both, as short as they say it: "gateway.authentication.users" where all of
// it is new, "gateway.defaults.timeout" where only that is another. Order, comments and style do not count.
std::vector<std::string> changed_keys(const yaml::Node& before, const yaml::Node& after);

// Whether a change of this key can change what the service does, or what its tests see.
bool matters(std::string_view key, const workspace::Service& service);

}  // namespace msctl::graph
