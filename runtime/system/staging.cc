#include "runtime/system/staging.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace msctl::system::staging {

namespace fs = std::filesystem;
using base::Code;

constexpr std::string_view hidden_prefix = ".msctl-new-";

std::unexpected<base::Error> cannot_write(const fs::path& path, int error) {
  std::string help;
  if (error == ENOSPC || error == EDQUOT)
    help = "free some space and repeat the command; nothing was changed";
  return base::fail(Code::cannotWrite, fmt::format("{}: {}", path.string(), std::strerror(error)),
                    std::move(help));
}

std::unexpected<base::Error> already_there(const fs::path& path) {
  return base::fail(Code::exists, fmt::format("{} exists already", path.string()),
                    "choose another name, or move what is there");
}

std::unexpected<base::Error> interrupted() {
  return base::fail(Code::interrupted, "interrupted; nothing was changed");
}

void remove_leftovers(const fs::path& parent) {
  constexpr long youngest = 60;  // seconds: what was just made may not be locked yet
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, error)) {
    if (!entry.path().filename().string().starts_with(hidden_prefix)) continue;
    const base::Fd left(::open(entry.path().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    struct stat status{};
    if (!left || ::fstat(left.get(), &status) != 0) continue;
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) continue;
    if (std::time(nullptr) - status.st_mtime < youngest) continue;
    std::error_code ignored;
    if (::flock(left.get(), LOCK_EX | LOCK_NB) == 0) fs::remove_all(entry.path(), ignored);
  }
}

std::string hidden_pattern(const fs::path& destination) {
  return (destination.parent_path() / (std::string(hidden_prefix) + "XXXXXX")).string();
}

base::Result<void> settle(int descriptor, const fs::path& path, unsigned mode) {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 || ::fchmod(descriptor, mode & ~mask) != 0)
    return cannot_write(path, errno);
  return {};
}

base::Result<void> write_all(int descriptor, const fs::path& path, std::string_view content) {
  while (!content.empty()) {
    ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot_write(path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

base::Result<void> write_file(const fs::path& path, std::string_view content, bool executable) {
  const base::Fd out(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, executable ? 0777 : 0666));
  if (!out) return cannot_write(path, errno);
  return write_all(out.get(), path, content);
}

Undo::~Undo() {
  std::error_code ignored;
  for (auto made = made_.rbegin(); made != made_.rend(); ++made)
    if (made->whole)
      fs::remove_all(made->path, ignored);
    else
      fs::remove(made->path, ignored);
}

void Undo::moved(const fs::path& from, const fs::path& to) {
  for (Made& made : made_)
    if (made.path == from) made.path = to;
}

base::Result<void> make_parents(const fs::path& path, Undo& undo) {
  std::vector<fs::path> missing;  // outermost first
  std::error_code ignored;
  for (fs::path at = path.parent_path(); !at.empty() && !fs::exists(at, ignored); at = at.parent_path())
    missing.insert(missing.begin(), at);
  for (const fs::path& parent : missing) {
    if (::mkdir(parent.c_str(), 0777) != 0) return cannot_write(parent, errno);
    undo.parent(parent);
  }
  return {};
}

}  // namespace msctl::system::staging
