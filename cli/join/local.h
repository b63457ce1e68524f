// The local run, as the commands that act on it get it.
#pragma once

#include <memory>

#include "cli/command.h"
#include "cli/context.h"
#include "runtime/release/orchestrator.h"

namespace msctl::cli::join {

Flag run_flag();  // --run ID

// What acts on the environment that -e names. Errors: noWorkspace, unknownName.
base::Result<std::unique_ptr<release::Orchestrator>> orchestrator(const Context& context,
                                                                  const Arguments& arguments);

// The services of the workspace around, and those that run although its files, perhaps being edited, do not
// name them.
std::vector<std::string> known_services(const Context& context, release::Orchestrator& orchestrator);

// Each is one of those. The run is asked only about names that the files do not have. Errors: unknownName.
base::Result<void> expect_services(const Context& context, release::Orchestrator& orchestrator,
                                   const std::vector<std::string>& names);

// The workspace's name, where nothing runs that could tell it.
std::string workspace_name(const Context& context);

}  // namespace msctl::cli::join
