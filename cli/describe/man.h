// Manual pages, in man(7).
#pragma once

#include <string>

#include "cli/command.h"

namespace msctl::cli::describe {

// msctl(1): the list of commands, the flags and variables of all, files, exit statuses.
std::string manual(const Catalogue& catalogue);

// msctl-gateway-run(1): of one command, or a group.
std::string manual(const Catalogue& catalogue, const Command& command);

// "msctl-gateway-run".
std::string manual_name(const Command& command);

}  // namespace msctl::cli::describe
