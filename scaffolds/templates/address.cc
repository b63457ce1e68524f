#include "scaffolds/templates/address.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/git/fetch.h"
#include "scaffolds/templates/inspect.h"

namespace msctl::scaffolds::templates {
namespace {

std::unexpected<base::Error> wrong(std::string_view text, std::string_view why) {
  auto error = base::fail(base::Code::usage, fmt::format("--template {}: {}", shown(text), why));
  error.error().expected =
      "a folder, or an https, ssh, file or scp-like git address; then //INSIDE, then @REF";
  return error;
}

// "git@host:path", "host:path": a ':' before any '/'. A folder that looks so is named by its path: ./a:b.
bool is_scp_like(std::string_view text) {
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && colon > 0 && text.find('/') > colon && text.front() != '.';
}

std::size_t path_begin(std::string_view text, std::size_t scheme) {
  if (scheme == std::string_view::npos) return is_scp_like(text) ? text.find(':') + 1 : 0;
  return std::min(text.find('/', scheme + 3), text.size());
}

}  // namespace

std::string Address::shown() const {
  return templates::shown(git::without_password(place) + (inside.empty() ? "" : "//" + inside) +
                          (ref.empty() ? "" : "@" + ref));
}

base::Result<Address> parse_address(std::string_view text) {
  if (text.empty()) return wrong(text, "empty");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(text, is_control)) return wrong(text, "control characters");

  Address out;
  const std::size_t scheme = text.find("://");
  if (scheme != std::string_view::npos) {
    const std::string_view name = text.substr(0, scheme);
    if (name != "https" && name != "ssh" && name != "file")
      return wrong(text, fmt::format("'{}' is not a scheme that is taken", name));
  }
  if (scheme != std::string_view::npos || is_scp_like(text)) out.kind = Address::Kind::git;

  const std::size_t begin = path_begin(text, scheme);
  std::string_view path = text.substr(begin);
  if (out.kind == Address::Kind::git) {
    if (const std::size_t at = path.rfind('@'); at != std::string_view::npos) {
      out.ref = path.substr(at + 1);
      path = path.substr(0, at);
      if (out.ref.empty() || out.ref.front() == '-' || out.ref.find("//") != std::string::npos)
        return wrong(text, "no tag, branch or commit after '@'");
    }
  }
  // Not at the beginning: "//server/share", "file:////folder" are paths.
  const std::size_t first = std::min(path.find_first_not_of('/'), path.size());
  if (const std::size_t parted = path.find("//", first); parted != std::string_view::npos) {
    out.inside = path.substr(parted + 2);
    path = path.substr(0, parted);
    while (out.inside.ends_with('/')) out.inside.pop_back();
    if (auto safe = check_path(out.inside); !safe) return wrong(text, "after '//' a folder inside is named");
  }
  if (out.kind == Address::Kind::git && first == path.size()) return wrong(text, "no repository is named");
  out.place = std::string(text.substr(0, begin)) + std::string(path);
  return out;
}

}  // namespace msctl::scaffolds::templates
