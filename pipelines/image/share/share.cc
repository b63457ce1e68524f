#include "pipelines/image/share/share.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/digest/digest.h"

namespace msctl::image {
namespace {

std::string key_of(const Descriptor& blob) {
  return blob.digest.substr(blob.digest.find(':') + 1);
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

base::Result<void> fetch_blob(cache::Remote& remote, const Layout& layout, const Descriptor& blob) {
  if (layout.has(blob)) return {};
  auto file = layout.temporary();
  if (!file) return std::unexpected(file.error());
  base::Fd fd(::open(file->c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  digest::Sha256 digest;
  std::uint64_t come = 0;
  int error = fd ? 0 : errno;
  const bool whole = error == 0 && remote.fetch(key_of(blob), [&](std::string_view bytes) {
    come += bytes.size();
    if (come > blob.size) return false;
    digest.add(bytes);
    if (!write_all(fd.get(), bytes)) error = errno;
    return error == 0;
  });
  if (whole && come == blob.size && "sha256:" + digest.hex() == blob.digest)
    return layout.adopt(*file, blob.digest);
  ::unlink(file->c_str());
  if (error != 0)
    return base::fail(base::Code::cannotWrite,
                      fmt::format("cannot write {}: {}", *file, std::strerror(error)));
  if (come > 0)
    return base::fail(base::Code::digestMismatch,
                      fmt::format("the shared cache has another {:.19}, or not all of it", blob.digest));
  return base::fail(base::Code::imageMissing, fmt::format("the shared cache has no {:.19}", blob.digest));
}

// What a manifest leads to at once: other manifests, or a configuration and layers.
base::Result<std::vector<Descriptor>> below(const Layout& layout, const Descriptor& top) {
  auto bytes = layout.read(top.digest);
  if (!bytes) return std::unexpected(bytes.error());
  if (is_index(top.media_type)) {
    auto index = read_index(*bytes, top.digest);
    if (!index) return std::unexpected(index.error());
    return std::move(index->manifests);
  }
  auto manifest = read_manifest(*bytes, top.digest);
  if (!manifest) return std::unexpected(manifest.error());
  std::vector<Descriptor> out = std::move(manifest->layers);
  out.push_back(std::move(manifest->config));
  return out;
}

bool names_others(const Descriptor& each) {
  return is_index(each.media_type) || is_manifest(each.media_type);
}

bool put_blob(cache::Remote& remote, const Layout& layout, const Descriptor& blob, bool anew) {
  if (!anew && remote.has(key_of(blob))) return true;
  auto fd = std::make_shared<base::Fd>(::open(layout.blob_path(blob.digest).c_str(), O_RDONLY | O_CLOEXEC));
  if (!*fd) return false;
  return remote.put(key_of(blob), {blob.size, [fd](std::uint64_t offset, char* buffer, std::size_t size) {
                                     const ssize_t n =
                                         ::pread(fd->get(), buffer, size, static_cast<off_t>(offset));
                                     return n < 0 ? std::size_t{0} : static_cast<std::size_t>(n);
                                   }});
}

}  // namespace

base::Result<void> fetch_shared(cache::Remote& remote, const Layout& layout, const Descriptor& image) {
  if (auto fetched = fetch_blob(remote, layout, image); !fetched) return fetched;
  auto parts = below(layout, image);
  if (!parts) return std::unexpected(parts.error());
  for (const Descriptor& each : *parts) {
    auto fetched = names_others(each) ? fetch_shared(remote, layout, each) : fetch_blob(remote, layout, each);
    if (!fetched) return fetched;
  }
  return {};
}

bool put_shared(cache::Remote& remote, const Layout& layout, const Descriptor& image,
                const std::set<std::string>& elsewhere, bool anew) {
  auto parts = below(layout, image);
  if (!parts) return false;
  for (const Descriptor& each : *parts) {
    if (elsewhere.contains(each.digest)) continue;
    if (!(names_others(each) ? put_shared(remote, layout, each, elsewhere, anew)
                             : put_blob(remote, layout, each, anew)))
      return false;
  }
  return put_blob(remote, layout, image, anew);
}

}  // namespace msctl::image
