// What acts on the environment that -e names: the run on this machine, or a cluster.
#pragma once

#include <memory>

#include "cli/arguments.h"
#include "cli/context.h"
#include "runtime/base/error.h"
#include "runtime/release/orchestrator.h"

namespace msctl::cli::cluster {

// Errors: noWorkspace and those of its files, noCluster, and those of the kubeconfig.
std::expected<std::unique_ptr<release::Orchestrator>, base::Errors> orchestrator(Context& context,
                                                                                 const Arguments& arguments);

}  // namespace msctl::cli::cluster
