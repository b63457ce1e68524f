// How the objects of a release are kept: gzip (RFC 1952).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace msctl::kubernetes {

std::string pack(std::string_view text);
// Nothing where it is no gzip, or more than `most` bytes come out of it.
std::optional<std::string> unpack(std::string_view packed, std::size_t most = std::size_t{64} << 20);

}  // namespace msctl::kubernetes
