// Images as OCI's image specification 1.1 has them: an index names manifests, a manifest a configuration and
// layers, each by digest. What is written is the same bytes for the same content; what is read comes from
// others and is not trusted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::image {

constexpr std::string_view index_type = "application/vnd.oci.image.index.v1+json";
constexpr std::string_view manifest_type = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view config_type = "application/vnd.oci.image.config.v1+json";
constexpr std::string_view layer_type = "application/vnd.oci.image.layer.v1.tar+gzip";
constexpr std::string_view empty_type = "application/vnd.oci.empty.v1+json";
// What Docker called them before.
constexpr std::string_view docker_list_type = "application/vnd.docker.distribution.manifest.list.v2+json";
constexpr std::string_view docker_manifest_type = "application/vnd.docker.distribution.manifest.v2+json";

using Annotations = std::vector<std::pair<std::string, std::string>>;  // by name

struct Platform {
  std::string os = "linux";
  std::string architecture;  // amd64, arm64
  std::string variant;       // v8; often empty
  bool operator==(const Platform&) const = default;
  std::string text() const;  // "linux/amd64", "linux/arm/v7"
};

// From "linux/arm64" or "arm64".
std::optional<Platform> parse_platform(std::string_view text);
// Of this machine.
Platform host_platform();

struct Descriptor {
  std::string media_type;
  std::string digest;  // "sha256:" and 64 hex digits
  std::uint64_t size = 0;
  Annotations annotations;
  std::optional<Platform> platform;
  std::string artifact_type;
  bool operator==(const Descriptor&) const = default;
};

struct Manifest {
  std::string media_type = std::string(manifest_type);
  std::string artifact_type;
  Descriptor config;
  std::vector<Descriptor> layers;
  std::optional<Descriptor> subject;  // what it says something about
  Annotations annotations;
};

struct Index {
  std::string media_type = std::string(index_type);
  std::vector<Descriptor> manifests;
  Annotations annotations;
};

struct History {
  std::string created_by, comment;
  bool empty_layer = false;
};

struct Config {
  Platform platform;
  std::string created;  // RFC 3339; empty: not told
  std::vector<std::string> entrypoint, command, environment, exposed_ports;
  std::string user, working_folder, stop_signal;
  Annotations labels;
  std::vector<std::string> diff_ids;
  std::vector<History> history;
};

std::string write(const Manifest& manifest);
std::string write(const Index& index);
std::string write(const Config& config);

// `where`: for the error, which is badManifest.
base::Result<Manifest> read_manifest(std::string_view bytes, const std::string& where);
base::Result<Index> read_index(std::string_view bytes, const std::string& where);
base::Result<Config> read_config(std::string_view bytes, const std::string& where);

bool is_index(std::string_view media_type);
bool is_manifest(std::string_view media_type);

// "sha256:" and 64 hex digits in small letters.
bool is_digest(std::string_view text);
std::string digest_of(std::string_view bytes);
Descriptor describe(std::string_view media_type, std::string_view bytes);

}  // namespace msctl::image
