#include "gateway/http1/authority.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace msctl::gateway::http1 {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr std::array<bool, 256> name_table = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = '0'; c <= '9'; ++c) table[c] = true;
  for (std::size_t c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (std::size_t c = 'A'; c <= 'Z'; ++c) table[c] = true;
  // Of the sub-delims of RFC 3986 all but ',': in X-Forwarded-Host, a list, "evil,shop.example" would be two
  // hosts.
  for (char c : std::string_view("-._~!$&'()*+;=")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool is_registered_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 &&
         std::ranges::all_of(name, [](char c) { return name_table[static_cast<unsigned char>(c)]; });
}

bool is_ip_literal(std::string_view inside) {
  if (inside.empty() || inside.size() > 45) return false;
  if (inside[0] == 'v' ||
      inside[0] == 'V') {  // IPvFuture: "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )
    std::size_t dot = inside.find('.');
    if (dot == std::string_view::npos || dot < 2 || dot + 1 == inside.size()) return false;
    auto hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
    return std::ranges::all_of(inside.substr(1, dot - 1), hex) &&
           std::ranges::all_of(inside.substr(dot + 1),
                               [](char c) { return c == ':' || name_table[static_cast<unsigned char>(c)]; });
  }
  std::array<char, 46> text{};
  std::memcpy(text.data(), inside.data(), inside.size());
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET6, text.data(), bytes.data()) == 1;
}

bool parse_port(std::string_view digits, std::uint16_t& port) {
  if (digits.size() > 5 || !std::ranges::all_of(digits, is_digit)) return false;
  unsigned value = 0;
  for (char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
  port = static_cast<std::uint16_t>(value);
  return digits.empty() || (value >= 1 && value <= 65535);
}

}  // namespace

bool parse_authority(std::string_view text, Authority& authority) {
  std::size_t end = 0;
  if (text.starts_with('[')) {
    std::size_t close = text.find(']');
    if (close == std::string_view::npos || !is_ip_literal(text.substr(1, close - 1))) return false;
    end = close + 1;
  } else {
    end = std::min(text.find(':'), text.size());
    if (!is_registered_name(text.substr(0, end))) return false;
  }
  authority.host = text.substr(0, end);
  if (authority.host.size() > 1 && authority.host.ends_with('.')) authority.host.remove_suffix(1);
  authority.port = 0;
  if (end == text.size()) return true;
  return text[end] == ':' && parse_port(text.substr(end + 1), authority.port);
}

}  // namespace msctl::gateway::http1
