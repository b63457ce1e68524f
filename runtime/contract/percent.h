// Percent-encoding, RFC 3986 section 2.1.
#pragma once

#include <string>
#include <string_view>

namespace msctl::contract {

// "%25" is "%". What is no escape stays as it is.
std::string percent_decoded(std::string_view text);

}  // namespace msctl::contract
