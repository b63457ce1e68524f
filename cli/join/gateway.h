// The gateway's configuration that a `gateway` command looks at: a file's, or that of the workspace around
// it.
#pragma once

#include <expected>
#include <string>

#include "cli/command.h"
#include "cli/context.h"
#include "gateway/config/types.h"

namespace msctl::cli::join {

Flag config_flag();  // --config FILE

// `file`: the value of --config, empty for the workspace's.
std::expected<gateway::config::Config, base::Errors> load_gateway(const Context& context,
                                                                  const std::string& file);

}  // namespace msctl::cli::join
