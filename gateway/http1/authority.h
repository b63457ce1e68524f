// "host:port" as Host and absolute targets have it (RFC 9110 section 7.2, RFC 3986 section 3.2.2).
#pragma once

#include <cstdint>
#include <string_view>

namespace msctl::gateway::http1 {

struct Authority {
  std::string_view host;   // with brackets if it is an IPv6 address; without a trailing dot
  std::uint16_t port = 0;  // 0: not stated ("host" and "host:")
};

// Strict: a registered name, an IPv4 address, or an IPv6 (or later) literal in brackets, and a port from 1 to
// 65535. No user information; no percent-encoding, in which one host has many spellings and DNS has none.
bool parse_authority(std::string_view text, Authority& authority);

}  // namespace msctl::gateway::http1
