// Who may ask the API server for what: nothing more than what is asked for.
#pragma once

#include <string_view>

#include "scaffolds/kubernetes/objects.h"

namespace msctl::scaffolds::kubernetes {

// The gateway looks for the replicas of Services, and at its own configuration, the ConfigMap of its name. A
// Role and its binding to the gateway's ServiceAccount.
Objects gateway_access(std::string_view name, std::string_view workspace);

}  // namespace msctl::scaffolds::kubernetes
