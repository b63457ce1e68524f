// Whether to colour, and the colours.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace msctl::cli::output {

// `when` is --color's value. For auto, in this order: NO_COLOR (not empty) forbids, CLICOLOR_FORCE (neither
// empty nor 0) demands, TERM=dumb forbids, and then a terminal decides. See no-color.org and
// bixense.com/clicolors.
bool decide_colour(std::string_view when, bool terminal,
                   const std::function<std::optional<std::string>(const std::string&)>& variable);

// Escape sequences (ECMA-48 SGR), or empty ones.
struct Palette {
  std::string_view bold, dim, red, green, yellow, blue, magenta, cyan, reset;
};
const Palette& palette(bool colours);

base::Colours error_colours(bool colours);

}  // namespace msctl::cli::output
