// The reference pages in Markdown.
#pragma once

#include <string>

#include "cli/command.h"

namespace msctl::cli::describe {

// docs/commands.md: every command with its flags, variables and exit statuses.
std::string commands_page(const Catalogue& catalogue);

// docs/codes.md: every error code with cause, example and cure.
std::string codes_page();

}  // namespace msctl::cli::describe
