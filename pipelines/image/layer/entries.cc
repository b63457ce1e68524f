#include "pipelines/image/layer/entries.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace msctl::image {
namespace {

namespace fs = std::filesystem;

std::unexpected<base::Error> cannot_take(const std::string& path, std::string_view why) {
  return base::fail(base::Code::imageFile, fmt::format("{} cannot be taken into an image: {}", path, why));
}

// Whether a link at `path` (below `root`) leads to something below `root` by a relative way.
bool stays_within(const fs::path& path, const fs::path& target, const fs::path& root) {
  if (target.is_absolute()) return false;
  const fs::path led = (path.parent_path() / target).lexically_normal().lexically_relative(root);
  return !led.empty() && *led.begin() != "..";
}

}  // namespace

bool fits_glob(std::string_view path, std::string_view glob) {
  if (glob.empty()) return path.empty();
  if (glob == "**") return true;
  if (glob == "/**" && path.empty()) return true;
  if (glob.starts_with("**/")) {
    for (std::size_t at = 0;; ++at) {
      if (fits_glob(path.substr(at), glob.substr(3))) return true;
      at = path.find('/', at);
      if (at == std::string_view::npos) return false;
    }
  }
  if (glob.front() == '*') {
    const std::size_t end = std::min(path.find('/'), path.size());
    for (std::size_t n = 0; n <= end; ++n)
      if (fits_glob(path.substr(n), glob.substr(1))) return true;
    return false;
  }
  if (path.empty()) return false;
  if (glob.front() == '?' ? path.front() == '/' : glob.front() != path.front()) return false;
  return fits_glob(path.substr(1), glob.substr(1));
}

void Entries::put(const std::string& path, Entry entry) {
  for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
    Entry& above = entries_.try_emplace(path.substr(0, at)).first->second;
    // A file that becomes a folder; a folder's own entry stays as it is.
    if (above.kind == Entry::Kind::file) above = {.kind = Entry::Kind::folder};
  }
  if (entry.kind == Entry::Kind::folder) {
    Entry& here = entries_.try_emplace(path, entry).first->second;
    here = std::move(entry);
    return;
  }
  entries_[path] = std::move(entry);
}

void Entries::add_file(const std::string& path, std::string content, bool executable) {
  Entry entry;
  entry.size = content.size();
  entry.content = std::move(content);
  entry.executable = executable;
  put(path, std::move(entry));
}

void Entries::add_link(const std::string& path, std::string target) {
  put(path, {.kind = Entry::Kind::link, .target = std::move(target)});
}

void Entries::add_folder(const std::string& path) {
  put(path, {.kind = Entry::Kind::folder});
}

base::Result<void> Entries::add_one(const std::string& source, const std::string& root,
                                    const std::string& path) {
  struct stat info{};
  if (::lstat(source.c_str(), &info) != 0) return cannot_take(source, std::generic_category().message(errno));
  if (S_ISLNK(info.st_mode)) {
    std::error_code error;
    const fs::path target = fs::read_symlink(source, error);
    if (!error && stays_within(source, target, root)) {
      add_link(path, target.string());
      return {};
    }
    if (::stat(source.c_str(), &info) != 0) return cannot_take(source, "the link leads to nothing");
    if (!S_ISREG(info.st_mode))
      return cannot_take(source, "the link leads out of its folder, and not to a file");
  }
  if (S_ISDIR(info.st_mode)) {
    add_folder(path);
    return {};
  }
  if (!S_ISREG(info.st_mode)) return cannot_take(source, "it is neither a file, nor a folder, nor a link");
  put(path, {.source = source,
             .size = static_cast<std::uint64_t>(info.st_size),
             .executable = (info.st_mode & S_IXUSR) != 0});
  return {};
}

base::Result<void> Entries::add(const std::string& source, const std::string& path,
                                const std::vector<std::string>& except) {
  std::error_code error;
  const fs::path root = fs::path(source).lexically_normal();
  if (!fs::is_directory(root, error)) return add_one(root.string(), root.parent_path().string(), path);
  add_folder(path);
  const auto left_out = [&](const std::string& below) {
    return std::ranges::any_of(except, [&](const std::string& glob) { return fits_glob(below, glob); });
  };
  for (auto at = fs::recursive_directory_iterator(root, error); !error && at != fs::end(at);
       at.increment(error)) {
    const std::string below = at->path().lexically_relative(root).string();
    if (left_out(below)) {
      if (at->is_directory(error) && !at->is_symlink(error)) at.disable_recursion_pending();
      continue;
    }
    if (auto added = add_one(at->path().string(), root.string(), path.empty() ? below : path + "/" + below);
        !added)
      return added;
  }
  if (error) return cannot_take(source, error.message());
  return {};
}

}  // namespace msctl::image
