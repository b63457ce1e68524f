#include "scaffolds/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "runtime/system/staging.h"

namespace msctl::scaffolds {
namespace {

namespace fs = std::filesystem;
namespace staging = system::staging;
using staging::already_there;
using staging::cannot_write;
using staging::Staged;

base::Result<Staged> stage(const FileAt& file, staging::Undo& undo) {
  const fs::path destination = fs::absolute(file.path).lexically_normal();
  std::error_code error;
  if (fs::exists(fs::symlink_status(destination, error))) return already_there(file.path);
  if (auto made = staging::make_parents(destination, undo); !made)
    return std::unexpected(std::move(made.error()));
  staging::remove_leftovers(destination.parent_path());
  std::string hidden = staging::hidden_pattern(destination);
  base::Fd out(::mkostemp(hidden.data(), O_CLOEXEC));
  if (!out) return cannot_write(destination, errno);
  undo.whole(hidden);
  if (auto settled = staging::settle(out.get(), destination, 0666); !settled)
    return std::unexpected(std::move(settled.error()));
  if (auto written = staging::write_all(out.get(), destination, file.content); !written)
    return std::unexpected(std::move(written.error()));
  if (::fsync(out.get()) != 0 && errno != EINVAL) return cannot_write(destination, errno);
  return Staged{hidden, destination, std::move(out)};
}

base::Result<void> move_into_place(const Staged& staged) {
  if (::renameat2(AT_FDCWD, staged.hidden.c_str(), AT_FDCWD, staged.destination.c_str(), RENAME_NOREPLACE) ==
      0)
    return {};
  if (errno == EEXIST) return already_there(staged.destination);
  if (errno != EINVAL && errno != ENOSYS) return cannot_write(staged.destination, errno);
  // A file system without RENAME_NOREPLACE: link(2) refuses as well.
  if (::link(staged.hidden.c_str(), staged.destination.c_str()) != 0)
    return errno == EEXIST ? already_there(staged.destination) : cannot_write(staged.destination, errno);
  ::unlink(staged.hidden.c_str());
  return {};
}

}  // namespace

base::Result<void> place_files(const std::vector<FileAt>& files, const std::function<bool()>& interrupted) {
  staging::Undo undo;
  std::vector<Staged> staged;
  for (const FileAt& file : files) {
    if (interrupted()) return staging::interrupted();
    auto one = stage(file, undo);
    if (!one) return std::unexpected(std::move(one.error()));
    staged.push_back(std::move(*one));
  }
  if (interrupted()) return staging::interrupted();
  for (auto one = staged.rbegin(); one != staged.rend(); ++one) {
    if (auto moved = move_into_place(*one); !moved) return moved;
    undo.moved(one->hidden, one->destination);
  }
  undo.keep();
  return {};
}

}  // namespace msctl::scaffolds
