// The completion scripts of the shells: thin, all knowledge is behind `msctl __complete`.
#pragma once

#include <string_view>

namespace msctl::cli::complete {

std::string_view bash_script();
std::string_view zsh_script();

}  // namespace msctl::cli::complete
