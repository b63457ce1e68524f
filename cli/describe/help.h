// --help.
#pragma once

#include <string>

#include "cli/command.h"

namespace msctl::cli::describe {

// Of msctl itself: the commands under their headings.
std::string help(const Catalogue& catalogue, std::size_t columns, bool colours);

// Of one command, or of a group with its commands.
std::string help(const Catalogue& catalogue, const Command& command, std::size_t columns, bool colours);

}  // namespace msctl::cli::describe
