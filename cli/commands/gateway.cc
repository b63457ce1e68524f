// gateway: the group of the gateway's commands.
#include "cli/command.h"

namespace msctl::cli::commands {

Command describe_gateway() {
  return {
      .path = "gateway",
      .section = Section::gateway,
      .summary = "the gateway alone: run it, and look at its configuration",
      .description =
          "The gateway that `msctl run` embeds, as a program of its own. Its file holds what stands under "
          "`gateway:` in a workspace, with upstreams of its own."};
}

}  // namespace msctl::cli::commands
