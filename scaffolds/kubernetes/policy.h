// NetworkPolicies: who may talk to whom, from `needs` and the routes.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "scaffolds/containers/containers.h"

namespace msctl::scaffolds::kubernetes {

using Json = nlohmann::ordered_json;

Json policy_of(const containers::Containers& all, const containers::Container& container);

// Of the Pods of a service's jobs (jobs.h): they reach what the service reaches, and the service itself;
// nobody reaches them.
Json policy_of_jobs(const containers::Containers& all, const containers::Container& container);
// Beside the policy of `called`: the jobs of `service` may call it, too.
Json policy_to(const containers::Container& called, std::string_view service, std::string_view workspace);

Json gateway_policy(const containers::Containers& all);

}  // namespace msctl::scaffolds::kubernetes
