// new: the group of the commands that make things.
#include "cli/command.h"

namespace msctl::cli::commands {

Command describe_new() {
  return {.path = "new",
          .section = Section::start,
          .summary = "make a workspace or a service",
          .description = "Makes working code that is yours from then on: msctl never changes it again."};
}

}  // namespace msctl::cli::commands
