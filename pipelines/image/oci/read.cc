#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pipelines/image/oci/types.h"

namespace msctl::image {
namespace {

using Json = nlohmann::json;

// More than any registry takes; a document of this size is no list of layers.
constexpr std::size_t most_bytes = std::size_t{4} << 20, most_items = 1000;
constexpr std::int64_t most_size = std::int64_t{1} << 46;

std::unexpected<base::Error> bad(const std::string& where, std::string_view what) {
  return base::fail(base::Code::badManifest, fmt::format("{}: {}", where, what));
}

// A text, or empty where it is absent; nothing where it is something else.
std::optional<std::string> text(const Json& map, const char* key) {
  auto found = map.find(key);
  if (found == map.end() || found->is_null()) return std::string{};
  if (!found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::vector<std::string> texts(const Json& map, const char* key) {
  std::vector<std::string> out;
  auto found = map.find(key);
  if (found == map.end() || !found->is_array()) return out;
  for (const Json& item : *found)
    if (item.is_string()) out.push_back(item.get<std::string>());
  return out;
}

Annotations annotations_of(const Json& map, const char* key) {
  Annotations out;
  auto found = map.find(key);
  if (found == map.end() || !found->is_object()) return out;
  for (const auto& [name, value] : found->items())
    if (value.is_string()) out.emplace_back(name, value.get<std::string>());
  return out;
}

std::optional<Descriptor> descriptor_of(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  Descriptor out;
  auto type = text(json, "mediaType"), digest = text(json, "digest"), artifact = text(json, "artifactType");
  auto size = json.find("size");
  if (!type || !digest || !artifact || !is_digest(*digest)) return std::nullopt;
  if (size == json.end() || !size->is_number_integer()) return std::nullopt;
  if (size->is_number_unsigned() ? size->get<std::uint64_t>() > static_cast<std::uint64_t>(most_size)
                                 : size->get<std::int64_t>() < 0)
    return std::nullopt;
  out.media_type = std::move(*type);
  out.digest = std::move(*digest);
  out.artifact_type = std::move(*artifact);
  out.size = size->get<std::uint64_t>();
  out.annotations = annotations_of(json, "annotations");
  if (auto platform = json.find("platform"); platform != json.end() && platform->is_object()) {
    out.platform.emplace();
    out.platform->os = text(*platform, "os").value_or("");
    out.platform->architecture = text(*platform, "architecture").value_or("");
    out.platform->variant = text(*platform, "variant").value_or("");
  }
  return out;
}

bool descriptors_of(const Json& map, const char* key, std::vector<Descriptor>& out) {
  auto found = map.find(key);
  if (found == map.end() || !found->is_array() || found->size() > most_items) return false;
  for (const Json& item : *found) {
    auto descriptor = descriptor_of(item);
    if (!descriptor) return false;
    out.push_back(std::move(*descriptor));
  }
  return true;
}

base::Result<Json> document(std::string_view bytes, const std::string& where) {
  if (bytes.size() > most_bytes) return bad(where, "it is larger than 4 MiB");
  // Depth is bounded first: the parser is recursive in what it makes.
  int depth = 0;
  for (const char c : bytes) {
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth > 200) return bad(where, "it is nested too deeply");
  }
  Json out = Json::parse(bytes, nullptr, false);
  if (out.is_discarded() || !out.is_object()) return bad(where, "it is no JSON object");
  return out;
}

}  // namespace

base::Result<Manifest> read_manifest(std::string_view bytes, const std::string& where) {
  auto json = document(bytes, where);
  if (!json) return std::unexpected(json.error());
  if (json->contains("manifests")) return bad(where, "it is an index where a manifest is expected");
  Manifest out;
  out.media_type = text(*json, "mediaType").value_or("");
  if (out.media_type.empty()) out.media_type = manifest_type;
  if (!is_manifest(out.media_type)) return bad(where, fmt::format("its type is '{}'", out.media_type));
  out.artifact_type = text(*json, "artifactType").value_or("");
  auto config = json->contains("config") ? descriptor_of((*json)["config"]) : std::nullopt;
  if (!config) return bad(where, "it names no configuration by digest and size");
  out.config = std::move(*config);
  if (!descriptors_of(*json, "layers", out.layers))
    return bad(where, "its layers are no list of digests and sizes");
  if (json->contains("subject")) out.subject = descriptor_of((*json)["subject"]);
  out.annotations = annotations_of(*json, "annotations");
  return out;
}

base::Result<Index> read_index(std::string_view bytes, const std::string& where) {
  auto json = document(bytes, where);
  if (!json) return std::unexpected(json.error());
  Index out;
  out.media_type = text(*json, "mediaType").value_or("");
  if (out.media_type.empty()) out.media_type = index_type;
  if (!is_index(out.media_type)) return bad(where, fmt::format("its type is '{}'", out.media_type));
  if (!descriptors_of(*json, "manifests", out.manifests))
    return bad(where, "its manifests are no list of digests and sizes");
  out.annotations = annotations_of(*json, "annotations");
  return out;
}

base::Result<Config> read_config(std::string_view bytes, const std::string& where) {
  auto json = document(bytes, where);
  if (!json) return std::unexpected(json.error());
  Config out;
  out.platform.os = text(*json, "os").value_or("");
  out.platform.architecture = text(*json, "architecture").value_or("");
  out.platform.variant = text(*json, "variant").value_or("");
  out.created = text(*json, "created").value_or("");
  if (auto running = json->find("config"); running != json->end() && running->is_object()) {
    out.user = text(*running, "User").value_or("");
    out.working_folder = text(*running, "WorkingDir").value_or("");
    out.stop_signal = text(*running, "StopSignal").value_or("");
    out.entrypoint = texts(*running, "Entrypoint");
    out.command = texts(*running, "Cmd");
    out.environment = texts(*running, "Env");
    out.labels = annotations_of(*running, "Labels");
    if (auto ports = running->find("ExposedPorts"); ports != running->end() && ports->is_object())
      for (const auto& [port, nothing] : ports->items()) out.exposed_ports.push_back(port);
  }
  auto root = json->find("rootfs");
  if (root == json->end() || !root->is_object()) return bad(where, "it has no layers' digests");
  out.diff_ids = texts(*root, "diff_ids");
  for (const std::string& each : out.diff_ids)
    if (!is_digest(each)) return bad(where, "a layer's digest is none");
  if (auto history = json->find("history"); history != json->end() && history->is_array())
    for (const Json& item : *history)
      if (item.is_object())
        out.history.push_back({text(item, "created_by").value_or(""), text(item, "comment").value_or(""),
                               item.contains("empty_layer") && item["empty_layer"] == true});
  return out;
}

}  // namespace msctl::image
