// Who may ask the API server for what: nothing more than what is asked for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scaffolds/kubernetes/objects.h"

namespace msctl::scaffolds::kubernetes {

// The gateway looks for the replicas of Services, and at its own configuration, the ConfigMap of its name. A
// Role and its binding to the gateway's ServiceAccount. One that serves metrics keeps its certificate, too.
Objects gateway_access(std::string_view name, std::string_view workspace, bool serves_metrics);

// Whoever deploys, from a pipeline or a terminal: a ServiceAccount "msctl-deployer" of that namespace, its
// Role and the binding. No more than `msctl deploy`, rollback, scale, restart, status, logs and wait ask for;
// the namespace is there already.
struct DeployerNeeds {
  std::string gateway;          // its name; empty where there is none
  bool jobs = false;            // some service has some
  bool serves_metrics = false;  // the gateway does, which takes objects of the whole cluster besides
                                // (gateway_metrics.h)
  bool makes_secrets = false;   // deploys bring the values of services' secrets
  std::vector<std::string> reads_secrets = {};  // or these Secrets are there, made by somebody
};
Objects deployer_access(std::string_view workspace, std::string_view space, const DeployerNeeds& needs);

}  // namespace msctl::scaffolds::kubernetes
