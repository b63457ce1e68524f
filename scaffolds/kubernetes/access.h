// Who may ask the API server for what: nothing more than what is asked for.
#pragma once

#include <string_view>

#include "scaffolds/kubernetes/objects.h"

namespace msctl::scaffolds::kubernetes {

// The gateway looks for the replicas of Services, and at its own configuration, the ConfigMap of its name. A
// Role and its binding to the gateway's ServiceAccount. One that serves metrics keeps its certificate, too.
Objects gateway_access(std::string_view name, std::string_view workspace, bool serves_metrics);

// Whoever deploys, from a pipeline or a terminal: a ServiceAccount "msctl-deployer" of that namespace, its
// Role and the binding. No more than `msctl deploy`, rollback, scale, restart, status, logs and wait ask for;
// the namespace is there already. `gateway`: its name; empty where there is none. A gateway that serves
// metrics takes objects of the whole cluster besides (gateway_metrics.h).
Objects deployer_access(std::string_view workspace, std::string_view space, std::string_view gateway,
                        bool serves_metrics);

}  // namespace msctl::scaffolds::kubernetes
