// Asking a person, on a terminal.
#pragma once

#include <string>

#include "cli/context.h"
#include "runtime/base/error.h"

namespace msctl::cli::join {

// Whether there is somebody to ask.
bool can_ask(const Context& context);

// Writes `prompt` to stderr and reads one line. Ctrl-C ends the wait even where it is watched. Errors:
// interrupted, also at the end of the input.
base::Result<std::string> ask(Context& context, const std::string& prompt);

}  // namespace msctl::cli::join
