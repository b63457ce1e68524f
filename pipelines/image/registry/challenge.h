// WWW-Authenticate (RFC 9110, 11.6.1): how a server wants to be told who asks.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace msctl::image {

struct Challenge {
  std::string scheme;                                       // in small letters: "bearer", "basic"
  std::vector<std::pair<std::string, std::string>> values;  // names in small letters
  bool operator==(const Challenge&) const = default;
  std::string value(std::string_view name) const;  // empty: none
};

// All challenges of one header field; what is not understood ends the list.
std::vector<Challenge> parse_challenges(std::string_view field);

}  // namespace msctl::image
