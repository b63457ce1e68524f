#include "runtime/local/control/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace msctl::local {
namespace {

bool equals_any_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  });
}

}  // namespace

Parsed parse_request(std::string_view bytes, ControlRequest& request) {
  std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return bytes.size() > kControlLimit ? Parsed::malformed : Parsed::incomplete;
  std::string_view head = bytes.substr(0, end), body = bytes.substr(end + 4);
  std::string_view first = head.substr(0, head.find("\r\n"));
  std::size_t space = first.find(' '), second = first.rfind(' ');
  if (space == std::string_view::npos || space == second) return Parsed::malformed;
  request.method = first.substr(0, space);
  request.path = first.substr(space + 1, second - space - 1);
  std::size_t length = 0;
  for (std::size_t at = first.size(); at < head.size();) {
    std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    at += 2 + line.size();
    std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return Parsed::malformed;
    if (!equals_any_case(line.substr(0, colon), "content-length")) continue;
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (error != std::errc{} || length > kControlLimit) return Parsed::malformed;
  }
  if (body.size() < length) return Parsed::incomplete;
  request.body = body.substr(0, length);
  return Parsed::complete;
}

std::string response(int status, std::string_view json) {
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
      status, status == 200 ? "OK" : "Error", json.size(), json);
}

}  // namespace msctl::local
