// A request and its answer, without the library that carries them: handlers and their tests need no socket.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace app::http {

struct CaseInsensitive {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const {
    return std::ranges::lexicographical_compare(a, b, [](char x, char y) { return lower(x) < lower(y); });
  }
  static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
};

using Headers = std::map<std::string, std::string, CaseInsensitive>;

// Whether a body could be read.
enum class BodyState : std::uint8_t { whole, too_large, too_slow, broken };

struct Request {
  std::string method;
  std::string path;                               // raw, without the query
  std::multimap<std::string, std::string> query;  // decoded
  Headers headers;                                // the first one where a name came twice
  std::string body;
  BodyState body_state = BodyState::whole;

  std::string header(std::string_view name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
  }
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
};

using Handler = std::function<Response(const Request&)>;

}  // namespace app::http
