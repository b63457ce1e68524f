#include "runtime/generated/below.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "runtime/base/fd.h"
#include "runtime/base/file.h"
#include "runtime/system/staging.h"

namespace msctl::generated {
namespace {

namespace fs = std::filesystem;
using base::Code;

// A regular file of a size that is known, in as few calls as it takes; nothing where it is anything else.
std::optional<std::string> read_plain(int file) {
  struct stat facts{};
  constexpr off_t ordinary = 1 << 20;
  if (::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size > ordinary) return std::nullopt;
  std::string text(static_cast<std::size_t>(facts.st_size) + 1, '\0');  // one more: whether it has grown
  std::size_t size = 0;
  for (ssize_t got = 1; got > 0 && size < text.size();
       size += static_cast<std::size_t>(std::max<ssize_t>(got, 0)))
    if ((got = ::read(file, text.data() + size, text.size() - size)) < 0) return std::nullopt;
  if (size == text.size()) return std::nullopt;
  text.resize(size);
  return text;
}

}  // namespace

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash);
}

Below::Below(const std::string& root) {
  std::error_code error;
  root_ = fs::canonical(root, error).string();
  error_ = error.value();
  if (error) root_ = root;
  folders_.emplace("", Folder{root_, !error});
}

base::Result<std::string> Below::follow(const std::string& path) const {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(fs::path(root_) / path, error);
  const fs::path relative = real.lexically_relative(root_);
  if (error || relative.empty() || *relative.begin() == "..")
    return base::fail(Code::generatedOutside,
                      fmt::format("{} leads out of the workspace, to {}", path, real.string()),
                      "replace the symbolic link by a file or a folder of the workspace");
  return real.string();
}

base::Result<const Below::Folder*> Below::folder(const std::string& path) {
  if (error_ != 0) return system::staging::cannot_write(root_, error_);
  if (auto known = folders_.find(path); known != folders_.end()) return &known->second;
  auto above = folder(folder_of(path));
  if (!above) return above;
  Folder out{fmt::format("{}/{}", (*above)->real, path.substr(path.rfind('/') + 1)), false};
  struct stat facts{};
  if ((*above)->there && ::lstat(out.real.c_str(), &facts) == 0) {
    if (S_ISLNK(facts.st_mode)) {
      auto real = follow(path);
      if (!real) return std::unexpected(std::move(real.error()));
      out.real = std::move(*real);
      if (::stat(out.real.c_str(), &facts) != 0) facts = {};
    }
    out.there = S_ISDIR(facts.st_mode);
  }
  return &folders_.emplace(path, std::move(out)).first->second;
}

base::Result<std::string> Below::file(const std::string& path) {
  auto parent = folder(folder_of(path));
  if (!parent) return std::unexpected(std::move(parent.error()));
  std::string out = fmt::format("{}/{}", (*parent)->real, path.substr(path.rfind('/') + 1));
  struct stat facts{};
  if (!(*parent)->there || ::lstat(out.c_str(), &facts) != 0 || !S_ISLNK(facts.st_mode)) return out;
  return follow(path);
}

base::Result<std::optional<std::string>> Below::read(const std::string& path) const {
  const auto parent = folders_.find(folder_of(path));
  if (parent == folders_.end() || !parent->second.there) return std::nullopt;
  std::string at = fmt::format("{}/{}", parent->second.real, path.substr(path.rfind('/') + 1));
  const base::Fd plain(::open(at.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (!plain && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  if (plain)
    if (auto text = read_plain(plain.get())) return text;
  // A link, or something out of the ordinary: with all that there is to be said about it.
  auto real = follow(path);
  if (!real) return std::unexpected(std::move(real.error()));
  struct stat status{};
  if (::stat(real->c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  auto content = base::read_file(*real);
  if (!content) return std::unexpected(std::move(content.error()));
  return std::optional(std::move(*content));
}

}  // namespace msctl::generated
