// The values of services' secrets, from the source that the environment has.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/context.h"
#include "runtime/base/error.h"
#include "runtime/secrets/source.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::cluster {

// Of these services, as far as they have secrets; empty where the cluster has them itself. Errors: those of
// the source.
std::expected<secrets::Values, base::Errors> secrets_for(Context& context,
                                                         const workspace::Workspace& workspace,
                                                         const std::string& environment,
                                                         const std::vector<std::string>& services);

}  // namespace msctl::cli::cluster
