#include "scaffolds/write.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "runtime/system/staging.h"

namespace msctl::scaffolds {
namespace {

namespace fs = std::filesystem;
namespace staging = system::staging;

using staging::already_there;
using staging::cannot_write;
using staging::Staged;
using staging::Undo;
using staging::write_file;

base::Result<Staged> make_hidden(const fs::path& destination, Undo& undo) {
  std::string name = staging::hidden_pattern(destination);
  if (::mkdtemp(name.data()) == nullptr) return cannot_write(destination, errno);
  undo.whole(name);
  base::Fd lock(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock) return cannot_write(name, errno);
  if (auto settled = staging::settle(lock.get(), name, 0777); !settled)
    return std::unexpected(std::move(settled.error()));
  return Staged{name, destination, std::move(lock)};
}

base::Result<void> write_tree(const fs::path& root, const Tree& tree,
                              const std::function<bool()>& interrupted) {
  fs::path made;  // files of one folder mostly follow each other
  for (const auto& [path, file] : tree) {
    if (interrupted()) return staging::interrupted();
    const fs::path full = root / path;
    if (const fs::path parent = full.parent_path(); parent != made) {
      std::error_code error;
      fs::create_directories(parent, error);
      if (error) return cannot_write(parent, error.value());
      made = parent;
    }
    if (auto written = write_file(full, file.content, file.executable); !written) return written;
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
    if (auto made = staging::make_parents(destination, undo); !made) return made;
    staging::remove_leftovers(destination.parent_path());
    auto hidden = make_hidden(destination, undo);
    if (!hidden) return std::unexpected(std::move(hidden.error()));
    if (auto written = write_tree(hidden->hidden, folder.tree, interrupted); !written) return written;
    staged.push_back(std::move(*hidden));
  }
  if (interrupted()) return staging::interrupted();
  for (const Staged& one : staged) {
    if (auto moved = move_into_place(one); !moved) return moved;
    undo.moved(one.hidden, one.destination);
  }
  undo.keep();
  return {};
}

}  // namespace msctl::scaffolds
