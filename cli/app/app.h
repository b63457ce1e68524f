// The program as a function: main gives it the real outside, a test a made-up one.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/context.h"

namespace msctl::cli::app {

// Runs one command line (without the program's name) and gives the exit status. Throws nothing.
base::Exit run(const std::vector<std::string>& words, Context& context, const Catalogue& catalogue);

}  // namespace msctl::cli::app
