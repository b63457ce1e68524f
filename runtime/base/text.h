// Text as programs write it: ASCII, whatever the locale.
#pragma once

#include <string>
#include <string_view>

namespace msctl::base {

// A to Z as a to z; every other byte as it is.
std::string lower(std::string_view text);

}  // namespace msctl::base
