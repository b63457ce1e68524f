#include "runtime/http/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace msctl::http {
namespace {

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

std::optional<std::uint16_t> port_in(std::string_view text) {
  std::uint16_t out = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || out == 0) return std::nullopt;
  return out;
}

}  // namespace

std::string Url::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  const bool usual = port == (scheme == "https" ? 443 : 80);
  return usual ? name : fmt::format("{}:{}", name, port);
}

std::string Url::text() const {
  return scheme + "://" + authority() + target;
}

std::optional<Url> parse_url(std::string_view text) {
  if (!is_plain(text)) return std::nullopt;
  Url out;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  out.scheme = text.substr(0, colon);
  if (out.scheme != "http" && out.scheme != "https") return std::nullopt;
  text.remove_prefix(colon + 3);
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, end);
  text.remove_prefix(end);
  text = text.substr(0, text.find('#'));
  out.target = text.starts_with('/') ? std::string(text) : "/" + std::string(text);
  if (authority.find('@') != std::string_view::npos) return std::nullopt;
  out.port = out.scheme == "https" ? 443 : 80;
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    out.host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (out.host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string::npos) return std::nullopt;
  } else {
    out.host = authority.substr(0, authority.find(':'));
    port = authority.substr(out.host.size());
    if (out.host.find_first_of("[]\"<>\\^`{|}") != std::string::npos) return std::nullopt;
  }
  if (out.host.empty()) return std::nullopt;
  if (port.empty()) return out;
  if (!port.starts_with(':')) return std::nullopt;
  const auto number = port_in(port.substr(1));
  if (!number) return std::nullopt;
  out.port = *number;
  return out;
}

std::optional<Url> resolve(const Url& base, std::string_view location) {
  if (location.find("://") < location.find_first_of("/?#")) return parse_url(location);
  if (!is_plain(location)) return std::nullopt;
  if (location.starts_with("//")) return parse_url(base.scheme + ":" + std::string(location));
  Url out = base;
  if (location.starts_with('/')) {
    out.target = location;
  } else {
    const std::string path = base.target.substr(0, base.target.find('?'));
    out.target = location.starts_with('?') ? path + std::string(location)
                                           : path.substr(0, path.rfind('/') + 1) + std::string(location);
  }
  out.target.erase(std::min(out.target.find('#'), out.target.size()));
  return out;
}

void add_query(Url& url, std::string_view name, std::string_view value) {
  url.target += url.target.find('?') == std::string::npos ? '?' : '&';
  url.target += percent_encoded(name) + "=" + percent_encoded(value);
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '.' || c == '_' || c == '~')
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace msctl::http
