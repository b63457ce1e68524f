// The little of HTTP/1.1 that the control socket speaks: one request a connection, JSON both ways. Parsing
// apart from sockets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace msctl::local {

struct ControlRequest {
  std::string method;
  std::string path;
  std::string body;
};

// Larger requests are refused.
inline constexpr std::size_t kControlLimit = 256 * 1024;

enum class Parsed { incomplete, complete, malformed };
Parsed parse_request(std::string_view bytes, ControlRequest& request);

std::string response(int status, std::string_view json);

}  // namespace msctl::local
