#include "runtime/generated/staged.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <optional>
#include <random>

#include "runtime/base/fd.h"
#include "runtime/base/threads.h"

namespace msctl::generated {
namespace {

namespace fs = std::filesystem;
using base::Code;
using system::staging::cannot_write;

// Not the prefix of runtime/system/staging.h: those are locked one by one, these all by their root.
constexpr std::string_view hidden_prefix = ".msctl-generate-";

// A thread costs as much as some files.
constexpr std::size_t files_a_thread = 64;

// What a killed process left. Whoever holds the root's lock is alone in this workspace; somebody may be at
// work for another one around it, or in it, but not for as long as a minute.
void sweep(const std::string& folder) {
  constexpr long youngest = 60;  // seconds
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    if (!entry.path().filename().native().starts_with(hidden_prefix)) continue;
    struct stat status{};
    if (::lstat(entry.path().c_str(), &status) != 0 || std::time(nullptr) - status.st_mtime < youngest)
      continue;
    if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) fs::remove_all(entry.path(), ignored);
  }
}

std::unexpected<base::Error> changed_meanwhile(const std::string& path) {
  return base::fail(Code::changedMeanwhile, fmt::format("{} was changed by somebody else just now", path),
                    "repeat the command; nothing was changed");
}

}  // namespace

base::Result<void> expect_unchanged(const Below& below, const Step& step) {
  auto now = below.read(step.path);
  if (!now) return std::unexpected(std::move(now.error()));
  if (*now == step.before) return {};
  return changed_meanwhile(step.path);
}

Staged::Staged(Below& below) : below_(below), token_(fmt::format("{:08x}", std::random_device{}())) {}

std::string Staged::hidden_in(const std::string& folder) {
  if (!swept_.contains(folder)) {
    sweep(folder);
    swept_.emplace(folder, true);
  }
  std::string out = fmt::format("{}/{}{}-{}", folder, hidden_prefix, token_, count_++);
  undo_.whole(out);
  return out;
}

base::Result<std::string> Staged::new_folder(const std::string& path) {
  if (auto known = made_.find(path); known != made_.end()) return known->second;
  auto above = below_.folder(folder_of(path));
  if (!above) return std::unexpected(std::move(above.error()));
  std::string out;
  if ((*above)->there) {
    const std::string& real = (*below_.folder(path))->real;
    out = hidden_in(fs::path(real).parent_path().string());
    folders_.push_back({path, out, real});
  } else {
    auto parent = new_folder(folder_of(path));
    if (!parent) return parent;
    out = fmt::format("{}/{}", *parent, path.substr(path.rfind('/') + 1));
  }
  if (::mkdir(out.c_str(), 0777) != 0) return cannot_write(path, errno);
  made_.emplace(path, out);
  return out;
}

base::Result<void> Staged::add(const std::string& path, std::string_view content, bool executable,
                               const Step* step) {
  File file{path, {}, {}, content, executable, 0, step};
  auto folder = below_.folder(folder_of(path));
  if (!folder) return std::unexpected(std::move(folder.error()));
  if (!(*folder)->there) {
    auto made = new_folder(folder_of(path));
    if (!made) return std::unexpected(std::move(made.error()));
    file.hidden = fmt::format("{}/{}", *made, path.substr(path.rfind('/') + 1));
  } else {
    auto destination = below_.file(path);
    if (!destination) return std::unexpected(std::move(destination.error()));
    file.destination = std::move(*destination);
    file.hidden = hidden_in(fs::path(file.destination).parent_path().string());
    struct stat before{};
    if ((step == nullptr || step->before) && ::stat(file.destination.c_str(), &before) == 0)
      file.mode = before.st_mode & 07777U;
  }
  files_.push_back(std::move(file));
  return {};
}

base::Result<void> Staged::write(const File& file) const {
  const base::Fd out(
      ::open(file.hidden.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file.executable ? 0777 : 0666));
  if (!out || (file.mode != 0 && ::fchmod(out.get(), file.mode) != 0)) return cannot_write(file.path, errno);
  if (auto written = system::staging::write_all(out.get(), file.path, file.content); !written) return written;
  // What nobody has edited can be generated again.
  const bool edited = file.step != nullptr && file.step->edited;
  if (edited && ::fsync(out.get()) != 0 && errno != EINVAL) return cannot_write(file.path, errno);
  return {};
}

base::Result<void> Staged::write(const std::function<bool()>& interrupted) {
  std::atomic<bool> stop = false;
  std::mutex mutex;
  std::optional<base::Error> failure;
  base::on_threads(base::threads_for(files_.size(), files_a_thread), files_.size(),
                   [&](std::size_t thread, std::size_t i) {
                     if (thread == 0 && !stop && interrupted()) stop = true;
                     if (stop) return;
                     auto written = write(files_[i]);
                     if (written) return;
                     const std::lock_guard lock(mutex);
                     if (!failure) failure = std::move(written.error());
                     stop = true;
                   });
  if (failure) return std::unexpected(std::move(*failure));
  if (stop) return system::staging::interrupted();
  return {};
}

base::Result<void> Staged::expect_unchanged() const {
  struct stat status{};
  for (const NewFolder& folder : folders_) {
    if (::lstat(folder.destination.c_str(), &status) != 0) continue;
    if (S_ISDIR(status.st_mode)) return changed_meanwhile(folder.path);
    return cannot_write(folder.path, ENOTDIR);
  }
  for (const File& file : files_)
    if (file.step != nullptr && !file.destination.empty())
      if (auto same = generated::expect_unchanged(below_, *file.step); !same) return same;
  return {};
}

base::Result<void> Staged::place() {
  for (const NewFolder& folder : folders_)
    if (::rename(folder.hidden.c_str(), folder.destination.c_str()) != 0)
      return cannot_write(folder.path, errno);
  for (const File& file : files_)
    if (!file.destination.empty() && ::rename(file.hidden.c_str(), file.destination.c_str()) != 0)
      return cannot_write(file.path, errno);
  undo_.keep();
  return {};
}

}  // namespace msctl::generated
