// The workspace around a command: found from its folder, loaded with the languages that this binary carries.
#pragma once

#include <expected>
#include <string>

#include "cli/context.h"
#include "runtime/base/error.h"
#include "runtime/workspace/load.h"

namespace msctl::cli::join {

workspace::LoadOptions load_options(const Context& context, const std::string& environment = "local");

// Errors: noWorkspace, and every error of its files.
std::expected<workspace::Workspace, base::Errors> load_workspace(const Context& context,
                                                                 const std::string& environment = "local");

}  // namespace msctl::cli::join
