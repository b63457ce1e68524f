// The gateway's ConfigMap, with a part of the requests of some routes sent elsewhere.
//
// Nothing else of the configuration is touched: the file is taken apart as YAML, keys and values as they
// stand, not as what they mean, so that it may have been written by another version of msctl, and the files
// of keys beside it need not be there. Whether it is right the gateways decide themselves, before they take
// it in.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/kubernetes/canary/choice.h"

namespace msctl::kubernetes::canary {

// The file within the ConfigMap.
inline constexpr const char* gateway_file = "gateway.yaml";

// By upstream, the names of the routes that lead to it.
using Routes = std::map<std::string, std::vector<std::string>>;

// Errors: noCanary where the ConfigMap has no such file.
base::Result<Routes> routes_of(const Json& config_map);

// `percent` of the requests of each route to a service go to its canary, whose replicas are found under its
// name and the service's port. Of a route that is split already: of what was the service's. Errors: as above.
base::Result<Json> with_weights(const Json& config_map, const std::vector<Subject>& subjects, int percent);

// What the gateways are to have in force.
std::string file_of(const Json& config_map);

}  // namespace msctl::kubernetes::canary
