#include "pipelines/image/layout/layout.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "runtime/base/fd.h"
#include "runtime/base/file.h"

namespace msctl::image {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view name_annotation = "org.opencontainers.image.ref.name";
constexpr int most_earlier = 4;  // images of a name, beside the latest

std::unexpected<base::Error> cannot_write(const std::string& path, const std::string& why) {
  return base::fail(base::Code::cannotWrite, fmt::format("cannot write {}: {}", path, why));
}

std::string name_of(const Descriptor& descriptor) {
  for (const auto& [name, value] : descriptor.annotations)
    if (name == name_annotation) return value;
  return {};
}

// index.json is written by one at a time.
base::Fd lock_in(const std::string& folder, const char* name, int how) {
  base::Fd fd(::open((folder + "/" + name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return fd;
  while (::flock(fd.get(), how) != 0)
    if (errno != EINTR) return {};
  return fd;
}

}  // namespace

std::string Layout::blob_path(const std::string& digest) const {
  return folder_ + "/blobs/sha256/" + digest.substr(digest.find(':') + 1);
}

bool Layout::has(const Descriptor& blob) const {
  struct stat info{};
  return ::stat(blob_path(blob.digest).c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
         static_cast<std::uint64_t>(info.st_size) == blob.size;
}

base::Result<void> Layout::begin() const {
  std::error_code error;
  fs::create_directories(folder_ + "/blobs/sha256", error);
  if (error) return cannot_write(folder_, error.message());
  if (!files_.exists(folder_ + "/oci-layout"))
    return files_.replace(folder_ + "/oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  return {};
}

base::Result<std::string> Layout::temporary() const {
  if (auto begun = begin(); !begun) return std::unexpected(begun.error());
  std::string path = folder_ + "/blobs/.making-XXXXXX";
  const base::Fd fd(::mkostemp(path.data(), O_CLOEXEC));
  if (!fd) return cannot_write(path, std::strerror(errno));
  ::fchmod(fd.get(), 0644);
  return path;
}

base::Result<void> Layout::adopt(const std::string& file, const std::string& digest) const {
  if (::rename(file.c_str(), blob_path(digest).c_str()) == 0) return {};
  const int error = errno;
  ::unlink(file.c_str());
  return cannot_write(blob_path(digest), std::strerror(error));
}

base::Result<Descriptor> Layout::add(std::string_view media_type, std::string_view bytes) const {
  Descriptor out = describe(media_type, bytes);
  if (has(out)) return out;
  if (auto begun = begin(); !begun) return std::unexpected(begun.error());
  if (auto written = files_.replace(blob_path(out.digest), bytes); !written)
    return std::unexpected(written.error());
  return out;
}

base::Result<std::string> Layout::read(const std::string& digest) const {
  auto bytes = base::read_file(blob_path(digest));
  if (!bytes) return base::fail(base::Code::imageMissing, fmt::format("{} is not in {}", digest, folder_));
  if (digest_of(*bytes) != digest)
    return base::fail(base::Code::digestMismatch, fmt::format("{} is not what it was: its digest is {}",
                                                              blob_path(digest), digest_of(*bytes)));
  return bytes;
}

base::Result<Index> Layout::index() const {
  const std::string path = folder_ + "/index.json";
  if (!files_.exists(path)) return Index{};
  auto bytes = files_.read(path);
  if (!bytes) return std::unexpected(bytes.error());
  return image::read_index(*bytes, path);
}

base::Result<std::optional<Descriptor>> Layout::find(const std::string& name) const {
  auto all = index();
  if (!all) return std::unexpected(all.error());
  for (Descriptor& each : all->manifests)
    if (name_of(each) == name) return std::move(each);
  return std::nullopt;
}

base::Result<std::optional<Descriptor>> Layout::only() const {
  auto all = index();
  if (!all) return std::unexpected(all.error());
  if (all->manifests.size() != 1) return std::nullopt;
  return std::move(all->manifests.front());
}

base::Result<void> Layout::set(const std::string& name, const Descriptor& manifest) const {
  if (auto begun = begin(); !begun) return begun;
  const base::Fd lock = lock_in(folder_, "index.lock", LOCK_EX);
  if (!lock) return cannot_write(folder_ + "/index.lock", std::strerror(errno));
  auto all = index();
  if (!all) return std::unexpected(all.error());
  Descriptor named = manifest;
  named.annotations = {{std::string(name_annotation), name}};
  // What had the name before keeps another for a while: who goes back to an earlier state has its image
  // still.
  std::vector<Descriptor> line{std::move(named)};
  for (int age = 0; age < most_earlier; ++age) {
    const std::string old_name = age == 0 ? name : fmt::format("{}.{}", name, age);
    for (Descriptor& each : all->manifests)
      if (name_of(each) == old_name &&
          std::ranges::find(line, each.digest, &Descriptor::digest) == line.end()) {
        each.annotations = {{std::string(name_annotation), fmt::format("{}.{}", name, line.size())}};
        line.push_back(each);
      }
  }
  std::erase_if(all->manifests, [&](const Descriptor& each) {
    const std::string its = name_of(each);
    return its == name || (its.starts_with(name + ".") &&
                           its.find_first_not_of("0123456789", name.size() + 1) == std::string::npos);
  });
  all->manifests.insert(all->manifests.end(), line.begin(), line.end());
  std::ranges::sort(all->manifests, {}, name_of);
  return files_.replace(folder_ + "/index.json", write(*all));
}

bool Layout::is_whole(const Descriptor& top) const {
  if (!has(top)) return false;
  auto bytes = base::read_file(blob_path(top.digest));
  if (!bytes) return false;
  if (is_index(top.media_type)) {
    auto index = image::read_index(*bytes, top.digest);
    return index &&
           std::ranges::all_of(index->manifests, [&](const Descriptor& each) { return is_whole(each); });
  }
  auto manifest = read_manifest(*bytes, top.digest);
  return manifest && has(manifest->config) &&
         std::ranges::all_of(manifest->layers, [&](const Descriptor& each) { return has(each); });
}

base::Result<std::uint64_t> Layout::sweep() const {
  if (!files_.exists(folder_)) return 0;
  const base::Fd lock = lock_in(folder_, "use.lock", LOCK_EX | LOCK_NB);
  if (!lock) return 0;
  auto all = index();
  if (!all) return std::unexpected(all.error());
  std::set<std::string> kept;
  std::vector<Descriptor> waiting = all->manifests;
  while (!waiting.empty()) {
    const Descriptor each = std::move(waiting.back());
    waiting.pop_back();
    if (!kept.insert(each.digest.substr(7)).second) continue;
    if (!is_index(each.media_type) && !is_manifest(each.media_type)) continue;
    auto bytes = base::read_file(blob_path(each.digest));
    if (!bytes) continue;
    if (auto index = image::read_index(*bytes, each.digest); index && is_index(each.media_type))
      waiting.insert(waiting.end(), index->manifests.begin(), index->manifests.end());
    if (auto manifest = read_manifest(*bytes, each.digest)) {
      waiting.push_back(manifest->config);
      waiting.insert(waiting.end(), manifest->layers.begin(), manifest->layers.end());
    }
  }
  std::uint64_t freed = 0;
  std::error_code error;
  const auto remove = [&](const fs::directory_entry& each) {
    const std::uint64_t size = each.file_size(error);
    if (fs::remove(each.path(), error) && !error) freed += size;
  };
  for (const auto& each : fs::directory_iterator(folder_ + "/blobs/sha256", error))
    if (!kept.contains(each.path().filename().string())) remove(each);
  for (const auto& each : fs::directory_iterator(folder_ + "/blobs", error))
    if (each.path().filename().string().starts_with(".making-")) remove(each);
  return freed;
}

LayoutUse::LayoutUse(const Layout& layout) {
  std::error_code error;
  fs::create_directories(layout.folder(), error);
  fd_ = lock_in(layout.folder(), "use.lock", LOCK_SH).release();
}

LayoutUse::~LayoutUse() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace msctl::image
