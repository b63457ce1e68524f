// Atomic writes. A new content goes to a file with a random name in the same folder, and takes its place by
// rename(2), or by renameat2(2) with RENAME_NOREPLACE where nothing may be replaced: the kernel then decides
// between two writers. File systems without RENAME_NOREPLACE (some network mounts) get link(2), which refuses
// an existing name too. A tree is built in a hidden folder beside its place and moved there as one; on any
// error the hidden folder is removed.
#include "runtime/system/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>
#include <system_error>

#include "runtime/base/fd.h"

namespace msctl::system {
namespace {

namespace fs = std::filesystem;

std::unexpected<base::Error> cannot_write(const std::string& path, int error) {
  return base::fail(base::Code::cannotWrite, fmt::format("cannot write {}: {}", path, std::strerror(error)));
}

std::unexpected<base::Error> exists_already(const std::string& path) {
  return base::fail(base::Code::exists, fmt::format("{} exists already", path));
}

std::string beside(const std::string& path) {
  fs::path p(path);
  if (!p.has_filename()) p = p.parent_path();
  std::random_device random;
  return (p.parent_path() / fmt::format(".{}.{:08x}.tmp", p.filename().string(), random())).string();
}

int write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

int make_file(const std::string& path, std::string_view content, mode_t mode) {
  base::Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd) return errno;
  return write_all(fd.get(), content);
}

int move_exclusive(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (fs::is_directory(from))
    return fs::exists(to) ? EEXIST : (::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno);
  if (::link(from.c_str(), to.c_str()) != 0) return errno;
  ::unlink(from.c_str());
  return 0;
}

int make_parents(const std::string& path) {
  std::error_code error;
  fs::path parent = fs::path(path).parent_path();
  if (!parent.empty()) fs::create_directories(parent, error);
  return error.value();
}

// Writes beside `path` and hands the temporary name to `place`, which moves it; removes it again when that
// fails.
template <class Place>
int write_then(const std::string& path, std::string_view content, mode_t mode, Place place) {
  if (int error = make_parents(path)) return error;
  std::string temporary = beside(path);
  int error = make_file(temporary, content, mode);
  if (error == 0) error = place(temporary);
  if (error != 0) ::unlink(temporary.c_str());
  return error;
}

}  // namespace

bool RealFiles::exists(const std::string& path) const {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0;
}

base::Result<std::string> RealFiles::read(const std::string& path) const {
  auto unreadable = [&](int error) {
    return base::fail(base::Code::unreadableFile,
                      fmt::format("cannot read {}: {}", path, std::strerror(error)));
  };
  base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return unreadable(errno);
  std::string out;
  char buffer[16384];
  for (;;) {
    ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unreadable(errno);
    if (n == 0) return out;
    out.append(buffer, static_cast<std::size_t>(n));
  }
}

base::Result<std::vector<std::string>> RealFiles::list(const std::string& folder) const {
  std::error_code error;
  std::vector<std::string> out;
  for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error))
    out.push_back(each->path().filename().string());
  if (error)
    return base::fail(base::Code::unreadableFile, fmt::format("cannot read {}: {}", folder, error.message()));
  std::ranges::sort(out);
  return out;
}

base::Result<void> RealFiles::replace(const std::string& path, std::string_view content) {
  struct stat info{};
  mode_t mode = ::stat(path.c_str(), &info) == 0 ? (info.st_mode & 07777) : 0666;
  int error = write_then(path, content, mode, [&](const std::string& temporary) {
    return ::rename(temporary.c_str(), path.c_str()) == 0 ? 0 : errno;
  });
  if (error != 0) return cannot_write(path, error);
  return {};
}

base::Result<void> RealFiles::create(const std::string& path, std::string_view content) {
  if (exists(path)) return exists_already(path);
  int error = write_then(path, content, 0666,
                         [&](const std::string& temporary) { return move_exclusive(temporary, path); });
  if (error == EEXIST) return exists_already(path);
  if (error != 0) return cannot_write(path, error);
  return {};
}

base::Result<void> RealFiles::create_tree(const std::string& root, const std::vector<TreeFile>& files) {
  if (exists(root)) return exists_already(root);
  if (int error = make_parents(root)) return cannot_write(root, error);
  std::string temporary = beside(root);
  std::error_code ignored;
  auto undo = [&](std::unexpected<base::Error> error) {
    fs::remove_all(temporary, ignored);
    return error;
  };
  if (::mkdir(temporary.c_str(), 0777) != 0) return cannot_write(root, errno);
  for (const TreeFile& file : files) {
    std::string path = temporary + "/" + file.path;
    int error = make_parents(path);
    if (error == 0) error = make_file(path, file.content, file.executable ? 0777 : 0666);
    if (error != 0) return undo(cannot_write(root + "/" + file.path, error));
  }
  int error = move_exclusive(temporary, root);
  if (error == EEXIST || error == ENOTEMPTY) return undo(exists_already(root));
  if (error != 0) return undo(cannot_write(root, error));
  return {};
}

base::Result<void> RealFiles::remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return cannot_write(path, errno);
  return {};
}

}  // namespace msctl::system
