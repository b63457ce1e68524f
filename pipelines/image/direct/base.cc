#include "pipelines/image/direct/base.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace msctl::image {
namespace {

namespace fs = std::filesystem;

// Where the parts of a base come from.
struct Source {
  std::function<base::Result<std::string>(const Descriptor&)> document;
  std::function<base::Result<void>(const Descriptor&, const std::string& file)> blob;
};

// "oci:FOLDER:NAME".
struct OnDisk {
  Layout layout;
  std::string name;
};

std::optional<OnDisk> on_disk(const std::string& text, const std::string& root) {
  if (!text.starts_with("oci:")) return std::nullopt;
  const std::string rest = text.substr(4);
  const std::size_t colon = rest.find(':');
  const fs::path folder = fs::path(root) / rest.substr(0, colon);
  return OnDisk{Layout(folder.lexically_normal().string()),
                colon == std::string::npos ? std::string{} : rest.substr(colon + 1)};
}

base::Result<Descriptor> top_of(const OnDisk& disk, const std::string& text) {
  auto found = disk.name.empty() ? disk.layout.only() : disk.layout.find(disk.name);
  if (!found) return std::unexpected(found.error());
  if (!*found)
    return base::fail(base::Code::imageMissing,
                      fmt::format("{} names no image in {}", text, disk.layout.folder()),
                      "oci:FOLDER:NAME, where NAME is in its index.json");
  return **found;
}

base::Result<Reference> reference_of(const std::string& name) {
  auto reference = parse_reference(name);
  if (!reference)
    return base::fail(base::Code::badReference, fmt::format("'{}' is not the name of an image", name));
  return *reference;
}

bool fits(const Platform& has, const Platform& wanted) {
  return has.os == wanted.os && has.architecture == wanted.architecture &&
         (wanted.variant.empty() || has.variant == wanted.variant);
}

base::Result<Base> read(const std::string& name, const Descriptor& top, const Platform& platform,
                        const Source& source, const Layout& layout) {
  Descriptor manifest_at = top;
  if (is_index(top.media_type)) {
    auto bytes = source.document(top);
    if (!bytes) return std::unexpected(bytes.error());
    auto index = read_index(*bytes, name);
    if (!index) return std::unexpected(index.error());
    auto found = std::ranges::find_if(index->manifests, [&](const Descriptor& each) {
      return each.platform && fits(*each.platform, platform) && is_manifest(each.media_type);
    });
    if (found == index->manifests.end())
      return base::fail(base::Code::badPlatform,
                        fmt::format("{} is not there for {}", name, platform.text()));
    manifest_at = *found;
  }
  auto bytes = source.document(manifest_at);
  if (!bytes) return std::unexpected(bytes.error());
  auto manifest = read_manifest(*bytes, name);
  if (!manifest) return std::unexpected(manifest.error());
  auto config = source.document(manifest->config);
  if (!config) return std::unexpected(config.error());
  auto parsed = read_config(*config, name);
  if (!parsed) return std::unexpected(parsed.error());
  if (!fits(parsed->platform, platform))
    return base::fail(base::Code::badPlatform, fmt::format("{} is for {}, not for {}", name,
                                                           parsed->platform.text(), platform.text()));
  if (parsed->diff_ids.size() != manifest->layers.size())
    return base::fail(base::Code::badManifest,
                      fmt::format("{}: its layers are not those of its configuration", name));
  for (const Descriptor& layer : manifest->layers) {
    if (layout.has(layer)) continue;
    auto file = layout.temporary();
    if (!file) return std::unexpected(file.error());
    auto fetched = source.blob(layer, *file);
    if (!fetched) {
      std::error_code ignored;
      fs::remove(*file, ignored);
      return std::unexpected(fetched.error());
    }
    if (auto adopted = layout.adopt(*file, layer.digest); !adopted) return std::unexpected(adopted.error());
  }
  Base out;
  out.name = name;
  out.digest = manifest_at.digest;
  out.config = std::move(*parsed);
  out.layers = std::move(manifest->layers);
  // Registries take OCI's names in an OCI manifest, and know Docker's for the same.
  for (Descriptor& layer : out.layers) {
    layer.annotations.clear();
    if (layer.media_type == "application/vnd.docker.image.rootfs.diff.tar.gzip")
      layer.media_type = layer_type;
  }
  return out;
}

}  // namespace

base::Result<Base> find_base(const std::string& name, const Platform& platform, const std::string& root,
                             const Layout& layout,
                             const std::function<Registry&(const std::string&)>& registry) {
  if (name == "scratch") {
    Base out;
    out.name = name;
    out.config.platform = platform;
    return out;
  }
  if (auto disk = on_disk(name, root)) {
    auto top = top_of(*disk, name);
    if (!top) return std::unexpected(top.error());
    const Layout& from = disk->layout;
    return read(name, *top, platform,
                {[&](const Descriptor& each) { return from.read(each.digest); },
                 [&](const Descriptor& each, const std::string& file) -> base::Result<void> {
                   std::error_code error;
                   fs::copy_file(from.blob_path(each.digest), file, fs::copy_options::overwrite_existing,
                                 error);
                   if (!error) return {};
                   return base::fail(base::Code::imageMissing,
                                     fmt::format("{}: {}: {}", name, each.digest, error.message()));
                 }},
                layout);
  }
  auto reference = reference_of(name);
  if (!reference) return std::unexpected(reference.error());
  Registry& from = registry(reference->registry);
  auto top = from.manifest(reference->repository, reference->version());
  if (!top) return std::unexpected(top.error());
  const auto document = [&](const Descriptor& each) -> base::Result<std::string> {
    if (each.digest == top->descriptor.digest) return top->bytes;
    if (is_index(each.media_type) || is_manifest(each.media_type)) {
      auto fetched = from.manifest(reference->repository, each.digest);
      if (!fetched) return std::unexpected(fetched.error());
      return std::move(fetched->bytes);
    }
    if (layout.has(each)) return layout.read(each.digest);
    auto file = layout.temporary();
    if (!file) return std::unexpected(file.error());
    if (auto fetched = from.fetch_blob(reference->repository, each, *file, {}); !fetched)
      return std::unexpected(fetched.error());
    if (auto adopted = layout.adopt(*file, each.digest); !adopted) return std::unexpected(adopted.error());
    return layout.read(each.digest);
  };
  auto out = read(name, top->descriptor, platform,
                  {document,
                   [&](const Descriptor& each, const std::string& file) {
                     return from.fetch_blob(reference->repository, each, file, {});
                   }},
                  layout);
  if (out) out->reference = *reference;
  return out;
}

base::Result<std::string> digest_of_base(const std::string& name, const std::string& root,
                                         const std::function<Registry&(const std::string&)>& registry) {
  if (name == "scratch") return std::string{};
  if (auto disk = on_disk(name, root)) {
    auto top = top_of(*disk, name);
    if (!top) return std::unexpected(top.error());
    return top->digest;
  }
  auto reference = reference_of(name);
  if (!reference) return std::unexpected(reference.error());
  if (!reference->digest.empty()) return reference->digest;
  Registry& from = registry(reference->registry);
  auto head = from.head_manifest(reference->repository, reference->version());
  if (!head) return std::unexpected(head.error());
  if (!*head) return base::fail(base::Code::imageMissing, fmt::format("{} has no {}", from.name(), name));
  if (is_digest(**head)) return **head;
  // A registry that does not tell it: then from the content.
  auto whole = from.manifest(reference->repository, reference->version());
  if (!whole) return std::unexpected(whole.error());
  return whole->descriptor.digest;
}

}  // namespace msctl::image
