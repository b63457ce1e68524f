#include "cli/join/gateway.h"

#include "cli/join/workspace.h"
#include "gateway/config/decode.h"
#include "runtime/workspace/to_gateway.h"

namespace msctl::cli::join {

Flag config_flag() {
  return {.name = "config",
          .value = "FILE",
          .kind = Kind::file,
          .doc = "the gateway's own file; without it, the configuration of the workspace around"};
}

std::expected<gateway::config::Config, base::Errors> load_gateway(const Context& context,
                                                                  const std::string& file) {
  if (!file.empty()) return gateway::config::load_file(context.path(file));
  auto workspace = load_workspace(context);
  if (!workspace) return std::unexpected(std::move(workspace.error()));
  return workspace::to_gateway(*workspace);
}

}  // namespace msctl::cli::join
