#include "redis_address.h"

#include <charconv>
#include <stdexcept>
#include <string_view>

namespace app {
namespace {

int number(std::string_view text, int most) {
  int out = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || out < 0 || out > most)
    throw std::invalid_argument("'" + std::string(text) + "' is not a number from 0 to " +
                                std::to_string(most));
  return out;
}

}  // namespace

RedisAddress parse_redis_url(const std::string& url) {
  constexpr std::string_view scheme = "redis://";
  if (!url.starts_with(scheme)) throw std::invalid_argument("it does not begin with redis://");
  std::string_view rest = std::string_view(url).substr(scheme.size());
  RedisAddress out;
  if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
    if (const auto database = rest.substr(slash + 1); !database.empty())
      out.database = number(database, 65535);
    rest = rest.substr(0, slash);
  }
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view credentials = rest.substr(0, at);
    const auto colon = credentials.find(':');
    if (colon == std::string_view::npos) throw std::invalid_argument("the password must follow a colon");
    out.user = credentials.substr(0, colon);
    out.password = credentials.substr(colon + 1);
    rest = rest.substr(at + 1);
  }
  if (const auto colon = rest.rfind(':'); colon != std::string_view::npos && !rest.ends_with(']')) {
    out.port = number(rest.substr(colon + 1), 65535);
    rest = rest.substr(0, colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  if (rest.empty()) throw std::invalid_argument("it names no host");
  out.host = rest;
  return out;
}

}  // namespace app
