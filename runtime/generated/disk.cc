#include "runtime/generated/disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <set>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/file.h"
#include "runtime/system/staging.h"

namespace msctl::generated {
namespace {

namespace fs = std::filesystem;
namespace staging = system::staging;
using base::Code;
using staging::cannot_write;

// Where a path below the root is, links followed. Errors: generatedOutside.
base::Result<fs::path> resolve(const std::string& root, const std::string& path) {
  std::error_code error;
  const fs::path real_root = fs::canonical(root, error);
  if (error) return cannot_write(root, error.value());
  const fs::path wanted = real_root / path;
  // The usual case, and cheap: nothing on the way is a link.
  bool links = false;
  fs::path at = real_root;
  for (const fs::path& part : fs::path(path)) {
    at /= part;
    const fs::file_status status = fs::symlink_status(at, error);
    if (fs::is_symlink(status)) links = true;
    if (links || !fs::exists(status)) break;
  }
  if (!links) return wanted;
  const fs::path real = fs::weakly_canonical(wanted, error);
  const fs::path relative = real.lexically_relative(real_root);
  if (error || relative.empty() || *relative.begin() == "..")
    return base::fail(Code::generatedOutside,
                      fmt::format("{} leads out of the workspace, to {}", path, real.string()),
                      "replace the symbolic link by a file or a folder of the workspace");
  return real;
}

struct Replacement {
  fs::path hidden, destination;
  const Step* step = nullptr;  // nullptr: the lock
  base::Fd lock;
};

base::Result<Replacement> stage(const fs::path& destination, std::string_view content, unsigned mode,
                                bool edited, staging::Undo& undo) {
  std::string hidden = staging::hidden_pattern(destination);
  base::Fd out(::mkostemp(hidden.data(), O_CLOEXEC));
  if (!out) return cannot_write(destination, errno);
  undo.whole(hidden);
  struct stat before{};
  if (::stat(destination.c_str(), &before) == 0) {
    if (::fchmod(out.get(), before.st_mode & 07777U) != 0) return cannot_write(destination, errno);
  } else if (auto settled = staging::settle(out.get(), destination, mode); !settled) {
    return std::unexpected(std::move(settled.error()));
  }
  if (auto written = staging::write_all(out.get(), destination, content); !written)
    return std::unexpected(std::move(written.error()));
  // What nobody has edited can be generated again.
  if (edited && ::fsync(out.get()) != 0 && errno != EINVAL) return cannot_write(destination, errno);
  return Replacement{hidden, destination, nullptr, std::move(out)};
}

// Folders are made and cleaned once, however many files they get.
class Folders {
public:
  base::Result<void> prepare_for(const fs::path& destination, staging::Undo& undo) {
    fs::path parent = destination.parent_path();
    if (prepared_.contains(parent)) return {};
    if (auto made = staging::make_parents(destination, undo); !made) return made;
    staging::remove_leftovers(parent);
    prepared_.insert(std::move(parent));
    return {};
  }

private:
  std::set<fs::path> prepared_;
};

base::Result<void> expect_unchanged(const std::string& root, const Step& step) {
  auto now = read_below(root, step.path);
  if (!now) return std::unexpected(std::move(now.error()));
  if (*now == step.before) return {};
  return base::fail(Code::changedMeanwhile,
                    fmt::format("{} was changed by somebody else just now", step.path),
                    "repeat the command; nothing was changed");
}

// Empty folders that a removed file leaves, up to the root.
void remove_empty_parents(const fs::path& root, const fs::path& path) {
  std::error_code error;
  for (fs::path at = path.parent_path(); at != root && at.string().size() > root.string().size();
       at = at.parent_path())
    if (::rmdir(at.c_str()) != 0) return;
}

}  // namespace

base::Result<std::optional<std::string>> read_below(const std::string& root, const std::string& path) {
  auto real = resolve(root, path);
  if (!real) return std::unexpected(std::move(real.error()));
  struct stat status{};
  if (::stat(real->c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  auto content = base::read_file(real->string());
  if (!content) return std::unexpected(std::move(content.error()));
  return std::optional(std::move(*content));
}

base::Result<LockFile> read_lock(const std::string& root) {
  auto text = read_below(root, lock_name);
  if (!text) return std::unexpected(std::move(text.error()));
  auto lock = parse_lock(text->value_or(""));
  if (!lock) return std::unexpected(std::move(lock.error()));
  return LockFile{std::move(*lock), has_conflict(text->value_or(""))};
}

base::Result<void> apply(const std::string& root, const Plan& plan,
                         const std::function<bool()>& interrupted) {
  staging::Undo undo;
  Folders folders;
  std::vector<Replacement> replacements;
  auto add = [&](const std::string& path, std::string_view content, unsigned mode,
                 const Step* step) -> base::Result<void> {
    auto destination = resolve(root, path);
    if (!destination) return std::unexpected(std::move(destination.error()));
    if (auto prepared = folders.prepare_for(*destination, undo); !prepared) return prepared;
    auto staged = stage(*destination, content, mode, step != nullptr && step->edited, undo);
    if (!staged) return std::unexpected(std::move(staged.error()));
    staged->step = step;
    replacements.push_back(std::move(*staged));
    return {};
  };
  std::vector<std::pair<fs::path, const Step*>> removals;
  for (const Step& step : plan.steps) {
    if (interrupted()) return staging::interrupted();
    if (!step.writes() && step.action != Action::remove) continue;
    if (step.action == Action::remove) {
      auto destination = resolve(root, step.path);
      if (!destination) return std::unexpected(std::move(destination.error()));
      removals.emplace_back(std::move(*destination), &step);
    } else if (auto added = add(step.path, step.after, step.executable ? 0777 : 0666, &step); !added) {
      return added;
    }
  }
  if (plan.lock_changes)
    if (auto added = add(lock_name, write_lock(plan.lock), 0666, nullptr); !added) return added;
  for (const Replacement& each : replacements)
    if (each.step != nullptr)
      if (auto same = expect_unchanged(root, *each.step); !same) return same;
  for (const auto& [path, step] : removals)
    if (auto same = expect_unchanged(root, *step); !same) return same;
  if (interrupted()) return staging::interrupted();

  // From here on all is on the disk, and only renamed.
  for (const Replacement& each : replacements)
    if (::rename(each.hidden.c_str(), each.destination.c_str()) != 0)
      return cannot_write(each.destination, errno);
  undo.keep();
  for (const auto& [path, step] : removals) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return cannot_write(path, errno);
    std::error_code error;
    remove_empty_parents(fs::canonical(root, error), path);
  }
  return {};
}

}  // namespace msctl::generated
