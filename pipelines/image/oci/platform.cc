#include <sys/utsname.h>

#include <algorithm>

#include "pipelines/image/oci/types.h"
#include "runtime/digest/digest.h"

namespace msctl::image {

std::string Platform::text() const {
  return os + "/" + architecture + (variant.empty() ? "" : "/" + variant);
}

std::optional<Platform> parse_platform(std::string_view text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (c == '/')
      parts.emplace_back();
    else if (plain)
      parts.back() += c;
    else
      return std::nullopt;
  }
  if (parts.size() > 3 || std::ranges::any_of(parts, &std::string::empty)) return std::nullopt;
  Platform out;
  if (parts.size() == 1) {
    out.architecture = parts[0];
    return out;
  }
  out.os = parts[0];
  out.architecture = parts[1];
  if (parts.size() == 3) out.variant = parts[2];
  return out;
}

Platform host_platform() {
  utsname name{};
  ::uname(&name);
  const std::string machine = name.machine;
  Platform out;
  if (machine == "x86_64")
    out.architecture = "amd64";
  else if (machine == "aarch64")
    out.architecture = "arm64";
  else if (machine == "i686")
    out.architecture = "386";
  else if (machine.starts_with("arm"))
    out.architecture = "arm";
  else
    out.architecture = machine;
  return out;
}

bool is_digest(std::string_view text) {
  return text.starts_with("sha256:") && text.size() == 71 &&
         text.find_first_not_of("0123456789abcdef", 7) == std::string_view::npos;
}

std::string digest_of(std::string_view bytes) {
  return "sha256:" + digest::sha256(bytes);
}

Descriptor describe(std::string_view media_type, std::string_view bytes) {
  Descriptor out;
  out.media_type = media_type;
  out.digest = digest_of(bytes);
  out.size = bytes.size();
  return out;
}

bool is_index(std::string_view media_type) {
  return media_type == index_type || media_type == docker_list_type;
}

bool is_manifest(std::string_view media_type) {
  return media_type == manifest_type || media_type == docker_manifest_type;
}

}  // namespace msctl::image
