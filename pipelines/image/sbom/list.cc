// Lists of package URLs that a service's own build writes.
#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <sstream>

#include "pipelines/image/sbom/packages.h"

namespace msctl::image {
namespace {

// Nothing where a '%' is not followed by two digits.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    unsigned value = 0;
    const char* begin = text.data() + at + 1;
    if (at + 2 >= text.size() || std::from_chars(begin, begin + 2, value, 16).ptr != begin + 2)
      return std::nullopt;
    out += static_cast<char>(value);
    at += 2;
  }
  return out;
}

// "pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS#SUBPATH", of which namespace, qualifiers and subpath may be
// missing; a list of parts needs the version.
std::optional<Package> parse(const std::string& url) {
  if (!url.starts_with("pkg:")) return std::nullopt;
  const std::string_view whole(url);
  const std::string_view path = whole.substr(4, whole.find_first_of("?#") - 4);
  const std::size_t type_end = path.find('/'), at = path.rfind('@');
  if (type_end == 0 || type_end == std::string_view::npos || at == std::string_view::npos || at < type_end)
    return std::nullopt;
  const std::string_view type = path.substr(0, type_end);
  std::string_view name = path.substr(type_end + 1, at - type_end - 1);
  // Where names are told apart by what stands before them, that is a part of the name.
  if (type != "npm" && type != "golang") name = name.substr(name.rfind('/') + 1);
  auto plain_name = decoded(name), version = decoded(path.substr(at + 1));
  if (!plain_name || !version || plain_name->empty() || version->empty()) return std::nullopt;
  return Package{*std::move(plain_name), *std::move(version), url, {}, {}, {}};
}

}  // namespace

base::Result<Packages> from_list(std::string_view text, const std::string& file) {
  Packages out;
  std::istringstream in{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty() || line.starts_with('#')) continue;
    auto package = parse(line);
    if (!package)
      return base::fail(base::Code::noPackages,
                        fmt::format("{}:{}: '{}' is no package URL", file, number, line),
                        "pkg:TYPE/NAME@VERSION");
    out.push_back(*std::move(package));
  }
  return sorted(std::move(out));
}

}  // namespace msctl::image
