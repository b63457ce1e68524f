#include "pipelines/image/registry/push.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <set>

#include "runtime/base/threads.h"

namespace msctl::image {
namespace {

// What an image consists of: its blobs, and its manifests, each after those that it names.
struct Parts {
  std::vector<Descriptor> blobs, manifests;
};

base::Result<void> gather(const Layout& layout, const Descriptor& top, std::set<std::string>& seen,
                          Parts& out) {
  if (!seen.insert(top.digest).second) return {};
  auto bytes = layout.read(top.digest);
  if (!bytes) return std::unexpected(bytes.error());
  if (is_index(top.media_type)) {
    auto index = read_index(*bytes, top.digest);
    if (!index) return std::unexpected(index.error());
    for (const Descriptor& each : index->manifests)
      if (auto gathered = gather(layout, each, seen, out); !gathered) return gathered;
  } else {
    auto manifest = read_manifest(*bytes, top.digest);
    if (!manifest) return std::unexpected(manifest.error());
    for (const Descriptor& layer : manifest->layers)
      if (seen.insert(layer.digest).second) out.blobs.push_back(layer);
    if (seen.insert(manifest->config.digest).second) out.blobs.push_back(manifest->config);
  }
  out.manifests.push_back(top);
  return {};
}

class Progress {
public:
  Progress(const PushOptions& options, const std::vector<Descriptor>& blobs) : options_(options) {
    for (const Descriptor& each : blobs) so_far_.total += each.size;
    done_.resize(blobs.size());
  }

  void set(std::size_t blob, std::uint64_t sent) {
    if (!options_.progress) return;
    const std::lock_guard lock(mutex_);
    so_far_.sent += sent - done_[blob];  // an upload that begins anew takes back what it had
    done_[blob] = sent;
    options_.progress(so_far_);
  }

private:
  const PushOptions& options_;
  std::mutex mutex_;
  PushProgress so_far_;
  std::vector<std::uint64_t> done_;
};

}  // namespace

base::Result<Pushed> push(Registry& registry, const std::string& repository, const Layout& layout,
                          const Descriptor& image, const PushOptions& options) {
  Pushed out;
  out.was_there = !options.tags.empty();
  for (const std::string& tag : options.tags) {
    auto there = registry.head_manifest(repository, tag);
    if (!there) return std::unexpected(there.error());
    if (!*there || **there != image.digest) out.was_there = false;
    if (!out.was_there) break;
  }
  if (out.was_there) return out;

  Parts parts;
  std::set<std::string> seen;
  if (auto gathered = gather(layout, image, seen, parts); !gathered) return std::unexpected(gathered.error());
  // The longest first, so that none of them is left to go alone at the end.
  std::ranges::stable_sort(parts.blobs, std::ranges::greater{}, &Descriptor::size);
  Progress progress(options, parts.blobs);
  std::mutex mutex;
  std::optional<base::Error> error;
  std::atomic<bool> stop = false;
  const std::size_t threads = std::clamp<std::size_t>(parts.blobs.size(), 1, options.parallel);
  base::on_threads(threads, parts.blobs.size(), [&](std::size_t, std::size_t i) {
    if (stop) return;
    const Descriptor& blob = parts.blobs[i];
    const auto from = options.mounts.find(blob.digest);
    auto sent = registry.push_blob(repository, blob, layout.blob_path(blob.digest),
                                   from == options.mounts.end() ? std::string{} : from->second,
                                   [&](std::uint64_t bytes) { progress.set(i, bytes); });
    const std::lock_guard lock(mutex);
    if (!sent) {
      stop = true;
      if (!error) error = sent.error();
      return;
    }
    if (*sent == Registry::Sent::present) ++out.present;
    if (*sent == Registry::Sent::mounted) ++out.mounted;
    if (*sent == Registry::Sent::uploaded) {
      ++out.uploaded;
      out.bytes += blob.size;
    }
  });
  if (error) return std::unexpected(*std::move(error));

  for (const Descriptor& each : parts.manifests) {
    auto bytes = layout.read(each.digest);
    if (!bytes) return std::unexpected(bytes.error());
    std::vector<std::string> versions{each.digest};
    if (each.digest == image.digest && !options.tags.empty()) versions = options.tags;
    for (const std::string& version : versions)
      if (auto put = registry.put_manifest(repository, version, each.media_type, *bytes); !put)
        return std::unexpected(put.error());
  }
  return out;
}

}  // namespace msctl::image
