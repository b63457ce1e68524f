// Addresses of HTTP servers, as far as a client needs them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace msctl::http {

struct Url {
  std::string scheme;  // http or https
  std::string host;    // without brackets
  std::uint16_t port = 0;
  std::string target = "/";  // path and query

  bool operator==(const Url&) const = default;
  std::string authority() const;  // "host", "host:5000", "[::1]:5000"
  std::string text() const;
};

// Nothing where it is no such address, or holds a user, a blank or a control character.
std::optional<Url> parse_url(std::string_view text);

// A Location, which may be relative to the address that it answered.
std::optional<Url> resolve(const Url& base, std::string_view location);

// A parameter more.
void add_query(Url& url, std::string_view name, std::string_view value);

// Everything but letters, digits and "-._~" as %XX.
std::string percent_encoded(std::string_view text);

}  // namespace msctl::http
