// The one translation of a workspace into the gateway's configuration: the same for the local run and for a
// cluster.
#pragma once

#include "gateway/config/types.h"
#include "runtime/workspace/types.h"

namespace msctl::workspace {

// All routes, of the services and of msctl.yaml; one upstream a routed service, without endpoints (the
// orchestrator supplies them); a listener on 127.0.0.1:8080 where none is stated.
gateway::config::Config to_gateway(const Workspace& workspace);

}  // namespace msctl::workspace
