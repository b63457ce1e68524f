#include "runtime/generated/disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/generated/below.h"
#include "runtime/generated/staged.h"
#include "runtime/system/staging.h"

namespace msctl::generated {
namespace {

namespace fs = std::filesystem;
namespace staging = system::staging;
using base::Code;
using staging::cannot_write;

// One at a time in a workspace: held as long as the descriptor is. Where the file system has no such locks,
// nobody is kept out.
base::Result<base::Fd> lock(const std::string& root) {
  base::Fd out(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!out) return cannot_write(root, errno);
  if (::flock(out.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return out;
  return base::fail(Code::changedMeanwhile, "another msctl is writing generated files of this workspace",
                    "repeat the command; nothing was changed");
}

// Empty folders that a removed file leaves, up to the root.
void remove_empty_parents(const fs::path& root, const fs::path& path) {
  for (fs::path at = path.parent_path(); at != root && at.string().size() > root.string().size();
       at = at.parent_path())
    if (::rmdir(at.c_str()) != 0) return;
}

}  // namespace

base::Result<LockFile> read_lock(const std::string& root) {
  auto text = Below(root).read(lock_name);
  if (!text) return std::unexpected(std::move(text.error()));
  auto lock = parse_lock(text->value_or(""));
  if (!lock) return std::unexpected(std::move(lock.error()));
  return LockFile{std::move(*lock), has_conflict(text->value_or(""))};
}

base::Result<void> apply(const std::string& root, const Plan& plan,
                         const std::function<bool()>& interrupted) {
  auto alone = lock(root);
  if (!alone) return std::unexpected(std::move(alone.error()));
  Below below(root);
  Staged staged(below);
  std::vector<std::pair<std::string, const Step*>> removals;
  for (const Step& step : plan.steps) {
    if (interrupted()) return staging::interrupted();
    if (step.action == Action::remove) {
      auto destination = below.file(step.path);
      if (!destination) return std::unexpected(std::move(destination.error()));
      removals.emplace_back(std::move(*destination), &step);
    } else if (step.writes()) {
      if (auto added = staged.add(step.path, step.after, step.executable, &step); !added) return added;
    }
  }
  const std::string lock_text = plan.lock_changes ? write_lock(plan.lock) : std::string{};
  if (plan.lock_changes)
    if (auto added = staged.add(lock_name, lock_text, false, nullptr); !added) return added;
  if (auto written = staged.write(interrupted); !written) return written;
  if (auto same = staged.expect_unchanged(); !same) return same;
  for (const auto& [path, step] : removals)
    if (auto same = expect_unchanged(below, *step); !same) return same;
  if (interrupted()) return staging::interrupted();

  if (auto placed = staged.place(); !placed) return placed;
  const fs::path real_root = (*below.folder(""))->real;
  for (const auto& [path, step] : removals) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return cannot_write(path, errno);
    remove_empty_parents(real_root, path);
  }
  return {};
}

}  // namespace msctl::generated
