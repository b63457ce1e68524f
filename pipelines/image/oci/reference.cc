// Grammar: distribution's reference package. The first part is a registry where it has a dot or a colon, or
// is "localhost"; else it is part of a repository at docker.io, and a repository of one part is in "library".
#include "pipelines/image/oci/reference.h"

#include <algorithm>

#include "pipelines/image/oci/types.h"

namespace msctl::image {
namespace {

bool is_small(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Letters and digits, parted by one '.', one or two '_', or any number of '-'.
bool is_component(std::string_view text) {
  if (text.empty() || !is_small(text.front()) || !is_small(text.back())) return false;
  for (std::size_t i = 0; i < text.size();) {
    if (is_small(text[i])) {
      ++i;
      continue;
    }
    const std::size_t end =
        std::min(text.find_first_of("abcdefghijklmnopqrstuvwxyz0123456789", i), text.size());
    const std::string_view between = text.substr(i, end - i);
    if (between != "." && between != "_" && between != "__" &&
        between.find_first_not_of('-') != std::string_view::npos)
      return false;
    i = end;
  }
  return true;
}

bool is_registry(std::string_view text) {
  const std::size_t colon = text.starts_with('[') ? text.find(':', text.find(']')) : text.find(':');
  const std::string_view host = text.substr(0, colon);
  if (host.empty()) return false;
  if (colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string_view::npos)
      return false;
  }
  if (host.starts_with('['))
    return host.ends_with(']') && host.find_first_not_of("0123456789abcdefABCDEF:", 1) == host.size() - 1 &&
           host.size() > 2;
  return std::ranges::all_of(
      host, [](char c) { return is_small(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '-'; });
}

}  // namespace

bool is_tag(std::string_view text) {
  const auto word = [](char c) { return is_small(c) || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && text.size() <= 128 && word(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return word(c) || c == '.' || c == '-'; });
}

std::string Reference::name() const {
  return registry + "/" + repository;
}

std::string Reference::text() const {
  return name() + (tag.empty() ? "" : ":" + tag) + (digest.empty() ? "" : "@" + digest);
}

std::string Reference::version() const {
  return !digest.empty() ? digest : !tag.empty() ? tag : "latest";
}

std::optional<Reference> parse_reference(std::string_view text) {
  Reference out;
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    out.digest = text.substr(at + 1);
    text = text.substr(0, at);
    if (!is_digest(out.digest)) return std::nullopt;
  }
  const std::size_t slash = text.find('/');
  const std::string_view first = text.substr(0, slash);
  if (slash != std::string_view::npos &&
      (first.find_first_of(".:") != std::string_view::npos || first == "localhost")) {
    if (!is_registry(first)) return std::nullopt;
    out.registry = first;
    text = text.substr(slash + 1);
  } else {
    out.registry = "docker.io";
  }
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    out.tag = text.substr(colon + 1);
    text = text.substr(0, colon);
    if (!is_tag(out.tag)) return std::nullopt;
  }
  out.repository = text;
  if (out.registry == "docker.io" && text.find('/') == std::string_view::npos)
    out.repository = "library/" + out.repository;
  if (out.repository.size() > 255) return std::nullopt;
  for (std::string_view rest = out.repository;;) {
    const std::size_t end = rest.find('/');
    if (!is_component(rest.substr(0, end))) return std::nullopt;
    if (end == std::string_view::npos) return out;
    rest = rest.substr(end + 1);
  }
}

}  // namespace msctl::image
