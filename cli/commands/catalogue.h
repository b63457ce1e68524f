// Every command of msctl. The list is made at configure time from the names of the files in this folder:
// gateway_run.cc is `msctl gateway run` and defines `Command describe_gateway_run()`.
#pragma once

#include "cli/command.h"

namespace msctl::cli::commands {

const Catalogue& catalogue();

}  // namespace msctl::cli::commands
