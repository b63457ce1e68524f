#include "pipelines/image/direct/assemble.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "runtime/base/file.h"

namespace msctl::image {
namespace {

namespace fs = std::filesystem;

// Nobody's: no file of the image is theirs to write, and on the host they are nobody either.
constexpr std::string_view user = "65532:65532";
constexpr int port = 8080;
constexpr std::string_view usual_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string to_rfc3339(std::int64_t seconds) {
  const base::WallTime time{std::chrono::seconds(seconds)};
  const std::string text = base::to_rfc3339(time);
  return text.substr(0, text.find('.')) + "Z";
}

void set(std::vector<std::string>& environment, const std::string& name, const std::string& value) {
  std::erase_if(environment, [&](const std::string& each) { return each.starts_with(name + "="); });
  environment.push_back(name + "=" + value);
}

bool has(const std::vector<std::string>& environment, const std::string& name) {
  return std::ranges::any_of(environment,
                             [&](const std::string& each) { return each.starts_with(name + "="); });
}

// Layers that were packed before, so that what has not changed is not compressed again. A file a number of
// entries and bytes: only where one fits is the archive read for its digest first.
class Memory {
public:
  Memory(const Layout& layout, const Entries& entries, const PackOptions& options) {
    std::uint64_t bytes = 0;
    for (const auto& [path, entry] : entries.all()) bytes += entry.size;
    file_ = fmt::format("{}/layers/{}-{}-{}", layout.folder(), entries.all().size(), bytes, options.level);
  }

  // Nothing where none fits.
  base::Result<std::optional<Packed>> find(const Layout& layout, const Entries& entries,
                                           const PackOptions& options) const {
    auto known = base::read_file(file_);
    if (!known) return std::nullopt;
    auto wanted = diff_id_of(entries, options.time);
    if (!wanted) return std::unexpected(wanted.error());
    std::istringstream lines(*known);
    for (Packed each; lines >> each.diff_id >> each.digest >> each.size;) {
      Descriptor blob;
      blob.digest = each.digest;
      blob.size = each.size;
      if (each.diff_id == *wanted && is_digest(each.digest) && layout.has(blob)) return each;
    }
    return std::nullopt;
  }

  void add(const Packed& packed) const {
    system::RealFiles files;
    auto known = base::read_file(file_);
    std::string text = fmt::format("{} {} {}\n", packed.diff_id, packed.digest, packed.size);
    // The latest few; without it a layer is packed again, that is all.
    if (known) text += known->substr(0, 2000).substr(0, known->substr(0, 2000).rfind('\n') + 1);
    (void)files.replace(file_, text);
  }

private:
  std::string file_;
};

base::Result<Packed> layer_of(const Layout& layout, const Entries& entries, const PackOptions& options) {
  const Memory memory(layout, entries, options);
  auto known = memory.find(layout, entries, options);
  if (!known) return std::unexpected(known.error());
  if (*known) return **known;
  auto file = layout.temporary();
  if (!file) return std::unexpected(file.error());
  auto packed = pack(entries, options, *file);
  if (!packed) return packed;
  if (auto adopted = layout.adopt(*file, packed->digest); !adopted) return std::unexpected(adopted.error());
  memory.add(*packed);
  return packed;
}

}  // namespace

base::Result<Descriptor> assemble(const Layout& layout, const Base& base, const Content& content,
                                  const Settings& settings) {
  Manifest manifest;
  manifest.layers = base.layers;
  Config config = base.config;
  config.platform = settings.platform;
  config.created = to_rfc3339(settings.pack.time);
  for (const auto& [entries, what] :
       {std::pair{&content.dependencies, "dependencies"}, std::pair{&content.application, "application"}}) {
    if (entries->empty()) continue;
    auto packed = layer_of(layout, *entries, settings.pack);
    if (!packed) return std::unexpected(packed.error());
    Descriptor layer;
    layer.media_type = layer_type;
    layer.digest = packed->digest;
    layer.size = packed->size;
    manifest.layers.push_back(std::move(layer));
    config.diff_ids.push_back(packed->diff_id);
    config.history.push_back({fmt::format("msctl build: {}", what), {}, false});
  }
  if (!has(config.environment, "PATH")) set(config.environment, "PATH", std::string(usual_path));
  if (std::ranges::any_of(content.dependencies.all(), [](const auto& each) {
        return each.first.starts_with(std::string(home) + "/lib/");
      }))
    set(config.environment, "LD_LIBRARY_PATH", "/" + std::string(home) + "/lib");
  for (const auto& [name, value] : settings.variables) set(config.environment, name, value);
  set(config.environment, "PORT", std::to_string(port));
  // Alone in its network: services listen on the loopback address only, unless they are told.
  set(config.environment, "HOST", "0.0.0.0");
  config.entrypoint = settings.run;
  config.command.clear();
  config.user = user;
  config.working_folder = "/" + std::string(home);
  config.exposed_ports = {fmt::format("{}/tcp", port)};
  config.labels.clear();

  auto written = layout.add(config_type, write(config));
  if (!written) return written;
  manifest.config = *std::move(written);
  manifest.annotations = {{"org.opencontainers.image.title", settings.service}};
  if (!base.is_scratch()) {
    manifest.annotations.insert(manifest.annotations.begin(),
                                {"org.opencontainers.image.base.digest", base.digest});
    // A folder of this machine names nothing elsewhere.
    if (!base.reference.repository.empty())
      manifest.annotations.insert(manifest.annotations.begin() + 1,
                                  {"org.opencontainers.image.base.name", base.reference.text()});
  }
  auto out = layout.add(manifest_type, write(manifest));
  if (out) out->platform = settings.platform;
  return out;
}

}  // namespace msctl::image
