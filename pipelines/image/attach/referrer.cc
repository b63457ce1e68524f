#include "pipelines/image/attach/referrer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace msctl::image {
namespace {

base::Result<Descriptor> send(Registry& registry, const std::string& repository, const Layout& layout,
                              std::string_view media_type, std::string_view content) {
  auto blob = layout.add(media_type, content);
  if (!blob) return blob;
  if (auto sent = registry.push_blob(repository, *blob, layout.blob_path(blob->digest), {}, {}); !sent)
    return std::unexpected(sent.error());
  return blob;
}

// The list of a registry that keeps none itself.
base::Result<void> add_to_list(Registry& registry, const std::string& repository, const std::string& digest,
                               const Descriptor& referrer) {
  const std::string tag = tag_for(digest, "");
  Index index;
  auto there = registry.head_manifest(repository, tag);
  if (!there) return std::unexpected(there.error());
  if (*there) {
    auto known = registry.manifest(repository, tag);
    if (!known) return std::unexpected(known.error());
    auto parsed = read_index(known->bytes, tag);
    if (!parsed) return std::unexpected(parsed.error());
    index = *std::move(parsed);
  }
  std::erase_if(index.manifests, [&](const Descriptor& each) { return each.digest == referrer.digest; });
  index.manifests.push_back(referrer);
  auto put = registry.put_manifest(repository, tag, index_type, write(index));
  if (!put) return std::unexpected(put.error());
  return {};
}

}  // namespace

std::string tag_for(const std::string& digest, std::string_view ending) {
  std::string out = digest;
  std::ranges::replace(out, ':', '-');
  return out + std::string(ending);
}

base::Result<Descriptor> attach(Registry& registry, const std::string& repository, const Layout& layout,
                                const Descriptor& subject, std::string_view media_type,
                                std::string_view content, const Annotations& annotations) {
  auto blob = send(registry, repository, layout, media_type, content);
  if (!blob) return blob;
  auto nothing = send(registry, repository, layout, empty_type, "{}");
  if (!nothing) return nothing;
  Manifest manifest;
  manifest.artifact_type = media_type;
  manifest.config = *nothing;
  manifest.layers = {*blob};
  manifest.subject.emplace();
  manifest.subject->media_type = subject.media_type;
  manifest.subject->digest = subject.digest;
  manifest.subject->size = subject.size;
  manifest.annotations = annotations;
  const std::string bytes = write(manifest);
  Descriptor out = describe(manifest_type, bytes);
  out.artifact_type = media_type;
  out.annotations = annotations;
  auto listed = registry.put_manifest(repository, out.digest, manifest_type, bytes);
  if (!listed) return std::unexpected(listed.error());
  if (!*listed)
    if (auto added = add_to_list(registry, repository, subject.digest, out); !added)
      return std::unexpected(added.error());
  return out;
}

base::Result<void> put_tagged(Registry& registry, const std::string& repository, const Layout& layout,
                              const std::string& tag, std::string_view media_type, std::string_view content,
                              const Annotations& layer_annotations) {
  auto blob = send(registry, repository, layout, media_type, content);
  if (!blob) return std::unexpected(blob.error());
  const nlohmann::ordered_json config{{"architecture", ""},
                                      {"created", "0001-01-01T00:00:00Z"},
                                      {"os", ""},
                                      {"config", nlohmann::ordered_json::object()},
                                      {"rootfs", {{"type", "layers"}, {"diff_ids", {blob->digest}}}}};
  auto described = send(registry, repository, layout, config_type, config.dump());
  if (!described) return std::unexpected(described.error());
  Manifest manifest;
  manifest.config = *described;
  manifest.layers = {*blob};
  manifest.layers.front().annotations = layer_annotations;
  auto put = registry.put_manifest(repository, tag, manifest_type, write(manifest));
  if (!put) return std::unexpected(put.error());
  return {};
}

}  // namespace msctl::image
