// NetworkPolicies: who may talk to whom, from `needs` and the routes.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "scaffolds/containers/containers.h"

namespace msctl::scaffolds::kubernetes {

using Json = nlohmann::ordered_json;

Json policy_of(const containers::Containers& all, const containers::Container& container);
Json gateway_policy(const containers::Containers& all);

}  // namespace msctl::scaffolds::kubernetes
