// Which msctl this is.
#pragma once

#include <string_view>

namespace msctl::cli {

std::string_view version();  // "0.1.0"

}  // namespace msctl::cli
