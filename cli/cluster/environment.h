// The environment that -e names, and the cluster behind it.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "cli/cluster/interruption.h"
#include "cli/context.h"
#include "runtime/base/error.h"
#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::cluster {

struct Environment {
  workspace::Workspace workspace;  // as it sees it
  std::string space;
  std::shared_ptr<Interruption> interruption;  // ends every request to the cluster
  std::unique_ptr<kubernetes::Cluster> cluster;
};

// The workspace around a command, in the environment of this name. Errors: those of its files, noCluster, and
// those of the kubeconfig.
std::expected<Environment, base::Errors> open_environment(Context& context, const std::string& name);

// The cluster and namespace that this process is a Pod of, or another namespace of it. Errors: those of the
// kubeconfig.
base::Result<std::unique_ptr<kubernetes::Cluster>> connect_from_within(Context& context,
                                                                       const std::string& space = {});

}  // namespace msctl::cli::cluster
