// Base64 (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace msctl::base {

std::string to_base64(std::string_view bytes);
// With or without '=' at its end.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace msctl::base
