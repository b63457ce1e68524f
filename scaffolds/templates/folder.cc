// A template in a folder. No link is followed anywhere below it: each step is an open relative to the folder
// above, so that nobody can put one in between the look and the reading.
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "runtime/base/fd.h"
#include "scaffolds/templates/inspect.h"
#include "scaffolds/templates/source.h"

namespace msctl::scaffolds::templates {
namespace {

using base::Code;
using base::Fd;

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

std::unexpected<base::Error> unreadable(const std::string& path, int error) {
  return base::fail(Code::templateUnreachable, fmt::format("{}: {}", shown(path), std::strerror(error)));
}

std::vector<std::string> names_in(int folder) {
  std::vector<std::string> out;
  // A duplicate shares its place in the folder: this is another opening.
  const int again = ::openat(folder, ".", folder_flags);
  DIR* open = again < 0 ? nullptr : ::fdopendir(again);
  if (open == nullptr) return out;
  while (const dirent* entry = ::readdir(open))
    if (std::string name = entry->d_name; name != "." && name != "..") out.push_back(std::move(name));
  ::closedir(open);
  std::ranges::sort(out);
  return out;
}

// The folder at `path` below `folder`.
Fd descend(int folder, std::string_view path) {
  Fd at(::openat(folder, ".", folder_flags));
  while (at && !path.empty()) {
    const std::string name(path.substr(0, path.find('/')));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    at = Fd(::openat(at.get(), name.c_str(), folder_flags));
  }
  return at;
}

EntryKind kind_of(mode_t mode) {
  return S_ISREG(mode) ? EntryKind::file : S_ISLNK(mode) ? EntryKind::link : EntryKind::other;
}

class Folder final : public Source {
public:
  explicit Folder(Fd root) : root_(std::move(root)) {}

  bool has_file(const std::string& name) const override {
    struct stat status{};
    return ::fstatat(root_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           !S_ISDIR(status.st_mode);
  }

  std::vector<std::string> folders_with(const std::string& name) const override {
    std::vector<std::string> out;
    for (std::string& folder : names_in(root_.get()))
      if (Fd below(::openat(root_.get(), folder.c_str(), folder_flags));
          below && ::faccessat(below.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        out.push_back(std::move(folder));
    return out;
  }

  base::Result<std::vector<Entry>> list(std::size_t most) const override {
    std::vector<Entry> out;
    std::vector<std::string> waiting{""};
    for (std::size_t folders = 0; !waiting.empty() && out.size() < most;) {
      const std::string prefix = std::move(waiting.back());
      waiting.pop_back();
      Fd folder = descend(root_.get(), prefix);
      if (!folder) return unreadable(prefix, errno);
      for (const std::string& name : names_in(folder.get())) {
        struct stat status{};
        if (::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
          return unreadable(prefix + name, errno);
        if (S_ISDIR(status.st_mode)) {
          // A '.git' of thousands of files is not looked through: the folder alone is refused.
          if (is_git_name(name)) {
            out.push_back({prefix + name, EntryKind::other, false, 0, {}});
            continue;
          }
          if (++folders > most || prefix.size() > 4096)
            return base::fail(Code::templateTooLarge, "the template's folders are too many, or too deep");
          waiting.push_back(prefix + name + "/");
          continue;
        }
        const bool executable = (status.st_mode & S_IXUSR) != 0;
        const auto size = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
        out.push_back({prefix + name, kind_of(status.st_mode), executable, size, {}});
        if (out.size() == most) break;
      }
    }
    std::ranges::sort(out, {}, &Entry::path);
    return out;
  }

  base::Result<std::string> read(const Entry& entry) const override {
    const std::size_t slash = entry.path.rfind('/');
    const std::string parent = slash == std::string::npos ? "" : entry.path.substr(0, slash);
    Fd folder = descend(root_.get(), parent);
    // Without O_NONBLOCK a pipe that has taken the file's place would hold us.
    Fd file(folder ? ::openat(folder.get(), entry.path.c_str() + (slash == std::string::npos ? 0 : slash + 1),
                              O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
                   : -1);
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0) return unreadable(entry.path, errno);
    std::string out(entry.size + 1, '\0');
    std::size_t filled = 0;
    while (S_ISREG(status.st_mode) && filled < out.size()) {
      const ssize_t got = ::read(file.get(), out.data() + filled, out.size() - filled);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return unreadable(entry.path, errno);
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    if (!S_ISREG(status.st_mode) || filled != entry.size)
      return base::fail(Code::templateUnreachable,
                        fmt::format("{} has changed while it was read", shown(entry.path)),
                        "repeat the command");
    out.resize(filled);
    return out;
  }

private:
  Fd root_;
};

}  // namespace

base::Result<std::unique_ptr<Source>> open_folder(const Address& address, const std::string& base_folder) {
  const std::string path = (std::filesystem::path(base_folder) / address.place).string();
  Fd root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) {
    auto error = unreadable(address.place, errno);
    if (address.place.find('@') != std::string::npos)
      error.error().suggestion = "a folder has no versions; for one of a repository's: file://FOLDER@REF";
    return error;
  }
  Fd inside = descend(root.get(), address.inside);
  if (!inside)
    return base::fail(Code::noTemplate,
                      fmt::format("{} has no folder '{}'", shown(address.place), address.inside));
  return std::make_unique<Folder>(std::move(inside));
}

}  // namespace msctl::scaffolds::templates
