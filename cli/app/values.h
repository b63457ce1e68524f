// Whether a value is one that its flag or argument takes, told for a flag, a variable and an argument in the
// same words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace msctl::cli::app {

// `where` is how the user gave it: "--timeout", "MSCTL_RUN_TIMEOUT", "SERVICE".
std::optional<base::Error> check(const Flag& flag, std::string_view where, const std::string& value);
std::optional<base::Error> check(const Argument& argument, const std::string& value);

// true, 1, yes, on; false, 0, no, off.
std::optional<bool> to_switch(std::string_view text);

}  // namespace msctl::cli::app
