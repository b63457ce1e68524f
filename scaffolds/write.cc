#include "scaffolds/write.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <utility>

namespace msctl::scaffolds {
namespace {

namespace fs = std::filesystem;
using base::Code;

constexpr std::string_view hidden_prefix = ".msctl-new-";
constexpr std::time_t youngest_leftover = 60;  // seconds: one just made may not be locked yet

class Descriptor {
public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

private:
  int fd_;
};

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

base::Result<void> write_file(const fs::path& path, const NewFile& file) {
  Descriptor out(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file.executable ? 0777 : 0666));
  if (out.get() < 0) return cannot_write(path, errno);
  std::string_view rest = file.content;
  while (!rest.empty()) {
    ssize_t written = ::write(out.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot_write(path, errno);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// The folders above `path` that do not exist yet, outermost first.
std::vector<fs::path> missing_parents(const fs::path& path) {
  std::vector<fs::path> out;
  std::error_code ignored;
  for (fs::path at = path.parent_path(); !at.empty() && !fs::exists(at, ignored); at = at.parent_path())
    out.insert(out.begin(), at);
  return out;
}

void remove_leftovers(const fs::path& parent) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, error)) {
    if (!entry.path().filename().string().starts_with(hidden_prefix)) continue;
    Descriptor folder(::open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status{};
    if (folder.get() < 0 || ::fstat(folder.get(), &status) != 0) continue;
    if (std::time(nullptr) - status.st_mtime < youngest_leftover) continue;
    if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) continue;
    std::error_code ignored;
    fs::remove_all(entry.path(), ignored);
  }
}

// What has been made so far; undone by the destructor unless kept.
class Undo {
public:
  Undo() = default;
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  ~Undo() {
    std::error_code ignored;
    for (auto made = made_.rbegin(); made != made_.rend(); ++made)
      if (made->whole)
        fs::remove_all(made->path, ignored);
      else
        fs::remove(made->path, ignored);  // a parent: only if nobody else has put anything there
  }
  void parent(fs::path path) { made_.push_back({std::move(path), false}); }
  void folder(fs::path path) { made_.push_back({std::move(path), true}); }
  void moved(const fs::path& from, const fs::path& to) {
    for (Made& made : made_)
      if (made.path == from) made.path = to;
  }
  void keep() { made_.clear(); }

private:
  struct Made {
    fs::path path;
    bool whole;
  };
  std::vector<Made> made_;
};

struct Staged {
  fs::path hidden, destination;
  Descriptor lock;
};

base::Result<void> make_parents(const fs::path& destination, Undo& undo) {
  for (const fs::path& parent : missing_parents(destination)) {
    if (::mkdir(parent.c_str(), 0777) != 0) return cannot_write(parent, errno);
    undo.parent(parent);
  }
  return {};
}

// mkdtemp makes a folder that only its owner may enter; a person's folder has the mode that mkdir gives.
base::Result<Staged> make_hidden(const fs::path& destination, Undo& undo) {
  std::string name = (destination.parent_path() / (std::string(hidden_prefix) + "XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) return cannot_write(destination, errno);
  undo.folder(name);
  Descriptor lock(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (lock.get() < 0 || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return cannot_write(name, errno);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::fchmod(lock.get(), 0777 & ~mask) != 0) return cannot_write(name, errno);
  return Staged{name, destination, std::move(lock)};
}

base::Result<void> write_tree(const fs::path& root, const Tree& tree,
                              const std::function<bool()>& interrupted) {
  fs::path made;  // files of one folder mostly follow each other
  for (const auto& [path, file] : tree) {
    if (interrupted()) return base::fail(Code::interrupted, "interrupted; nothing was changed");
    const fs::path full = root / path;
    if (const fs::path parent = full.parent_path(); parent != made) {
      std::error_code error;
      fs::create_directories(parent, error);
      if (error) return cannot_write(parent, error.value());
      made = parent;
    }
    if (auto written = write_file(full, file); !written) return written;
  }
  return {};
}

base::Result<void> move_into_place(const Staged& staged) {
  if (::renameat2(AT_FDCWD, staged.hidden.c_str(), AT_FDCWD, staged.destination.c_str(), RENAME_NOREPLACE) ==
      0)
    return {};
  if (errno == EEXIST || errno == ENOTEMPTY) return already_there(staged.destination);
  if (errno != EINVAL && errno != ENOSYS) return cannot_write(staged.destination, errno);
  // A file system without RENAME_NOREPLACE: mkdir is as exclusive, and rename onto an empty folder replaces
  // only that.
  if (::mkdir(staged.destination.c_str(), 0777) != 0)
    return errno == EEXIST ? already_there(staged.destination) : cannot_write(staged.destination, errno);
  if (::rename(staged.hidden.c_str(), staged.destination.c_str()) == 0) return {};
  const int error = errno;
  ::rmdir(staged.destination.c_str());
  return cannot_write(staged.destination, error);
}

}  // namespace

base::Result<void> place(const std::vector<NewFolder>& folders, const std::function<bool()>& interrupted) {
  Undo undo;
  std::vector<Staged> staged;
  for (const NewFolder& folder : folders) {
    const fs::path destination = fs::absolute(folder.path).lexically_normal();
    std::error_code error;
    if (fs::exists(fs::symlink_status(destination, error))) return already_there(folder.path);
    if (auto made = make_parents(destination, undo); !made) return made;
    remove_leftovers(destination.parent_path());
    auto hidden = make_hidden(destination, undo);
    if (!hidden) return std::unexpected(std::move(hidden.error()));
    if (auto written = write_tree(hidden->hidden, folder.tree, interrupted); !written) return written;
    staged.push_back(std::move(*hidden));
  }
  if (interrupted()) return base::fail(Code::interrupted, "interrupted; nothing was changed");
  for (const Staged& one : staged) {
    if (auto moved = move_into_place(one); !moved) return moved;
    undo.moved(one.hidden, one.destination);
  }
  undo.keep();
  return {};
}

}  // namespace msctl::scaffolds
