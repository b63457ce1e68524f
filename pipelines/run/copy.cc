#include "pipelines/run/copy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include "runtime/base/fd.h"

namespace msctl::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kLink = 0120000, kExecutable = 0100755, kSubmodule = 0160000;

std::unexpected<base::Error> cannot(base::Code code, const std::string& path, int error) {
  return base::fail(code, fmt::format("{}: {}", path, std::strerror(error)));
}

// Shares the blocks where the file system can (FICLONE), copies within the kernel where it cannot.
base::Result<void> copy_file(const std::string& from, const std::string& to, mode_t mode) {
  const base::Fd source(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (source.get() < 0) return cannot(base::Code::unreadableFile, from, errno);
  const base::Fd target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (target.get() < 0) return cannot(base::Code::cannotWrite, to, errno);
  if (::ioctl(target.get(), FICLONE, source.get()) == 0) return {};
  while (true) {
    const ssize_t copied = ::sendfile(target.get(), source.get(), nullptr, 1u << 30);
    if (copied == 0) return {};
    if (copied < 0 && errno != EINTR) return cannot(base::Code::cannotWrite, to, errno);
  }
}

base::Result<void> copy_link(const std::string& from, const std::string& to) {
  std::error_code error;
  const fs::path target = fs::read_symlink(from, error);
  if (error) return cannot(base::Code::unreadableFile, from, error.value());
  fs::create_symlink(target, to, error);
  if (error) return cannot(base::Code::cannotWrite, to, error.value());
  return {};
}

base::Result<void> write(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  if (!file.flush()) return cannot(base::Code::cannotWrite, path, errno);
  return {};
}

// A repository of its own, for what a job asks of git (which files there are, which commit this is), without
// remotes: nothing can be fetched or pushed from a copy by mistake.
base::Result<void> make_repository(const std::string& folder, const git::Repository& repository) {
  std::error_code error;
  for (const char* part : {"/.git/objects/info", "/.git/refs/heads", "/.git/info"}) {
    fs::create_directories(folder + part, error);
    if (error) return cannot(base::Code::cannotWrite, folder + part, error.value());
  }
  auto head = repository.commit("HEAD");
  for (const auto& [path, content] : {
           std::pair{"/.git/HEAD", head ? *head + "\n" : std::string("ref: refs/heads/main\n")},
           std::pair{"/.git/config", std::string("[core]\n\trepositoryformatversion = 0\n\tbare = false\n")},
           std::pair{"/.git/objects/info/alternates", repository.objects_path() + "\n"},
       })
    if (auto written = write(folder + path, content); !written) return written;
  for (const auto& [from, to] :
       {std::pair{repository.index_path(), "/.git/index"},
        std::pair{repository.common_path() + "info/exclude", "/.git/info/exclude"}}) {
    fs::copy_file(from, folder + to, fs::copy_options::overwrite_existing, error);
    if (error && error != std::errc::no_such_file_or_directory)
      return cannot(base::Code::cannotWrite, folder + to, error.value());
  }
  return {};
}

class Copier {
public:
  Copier(const git::Repository& repository, std::string folder)
      : from_(repository.work_folder()), to_(std::move(folder)) {}

  base::Result<void> copy(const git::SnapshotFile& file) {
    if (file.stored.mode == kSubmodule) return {};  // one that is not checked out
    const std::string to = to_ + "/" + file.path;
    if (auto made = make_folder(fs::path(to).parent_path().string()); !made) return made;
    if (file.stored.mode == kLink) return copy_link(from_ + file.path, to);
    return copy_file(from_ + file.path, to, file.stored.mode == kExecutable ? 0777 : 0666);
  }

private:
  // Files come sorted, so that nearly always it is the folder of the one before.
  base::Result<void> make_folder(const std::string& folder) {
    if (!made_.insert(folder).second) return {};
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return cannot(base::Code::cannotWrite, folder, error.value());
    return {};
  }

  std::string from_, to_;
  std::set<std::string> made_;
};

}  // namespace

base::Result<WorkingCopy> WorkingCopy::make(const std::string& parent, const git::Repository& repository,
                                            const std::vector<git::SnapshotFile>& files) {
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) return cannot(base::Code::cannotWrite, parent, error.value());
  auto folder = system::TemporaryFolder::make(parent, "job");
  if (!folder) return std::unexpected(folder.error());
  WorkingCopy out(*std::move(folder));
  if (auto filled = out.fill(repository, files, {}); !filled) return std::unexpected(filled.error());
  return out;
}

base::Result<void> WorkingCopy::clean(const git::Repository& repository,
                                      const std::vector<git::SnapshotFile>& files) {
  auto now = look();
  if (!now) return std::unexpected(now.error());
  Stamps there;
  std::error_code error;
  std::vector<std::string> gone;  // folders that were removed, with all that was in them
  for (const auto& [path, stamp] : *now) {
    if (std::ranges::any_of(gone, [&](const std::string& folder) { return path.starts_with(folder); }))
      continue;
    const auto put = stamps_.find(path);
    if (put != stamps_.end() && put->second == stamp) {
      there.emplace(path, stamp);
      continue;
    }
    fs::remove_all(folder() + "/" + path, error);
    if (error) return cannot(base::Code::cannotWrite, folder() + "/" + path, error.value());
    if (S_ISDIR(stamp.mode)) gone.push_back(path + "/");
  }
  return there.size() == stamps_.size() ? base::Result<void>() : fill(repository, files, there);
}

base::Result<void> WorkingCopy::fill(const git::Repository& repository,
                                     const std::vector<git::SnapshotFile>& files, const Stamps& there) {
  if (auto made = make_repository(folder(), repository); !made) return std::unexpected(made.error());
  Copier copier(repository, folder());
  for (const git::SnapshotFile& file : files)
    if (!there.contains(file.path))
      if (auto copied = copier.copy(file); !copied) return std::unexpected(copied.error());
  auto now = look();
  if (!now) return std::unexpected(now.error());
  stamps_ = *std::move(now);
  return {};
}

base::Result<WorkingCopy::Stamps> WorkingCopy::look() const {
  Stamps out;
  std::error_code error;
  for (fs::recursive_directory_iterator each(folder(), error), end; !error && each != end;
       each.increment(error)) {
    const std::string path = each->path().string();
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) return cannot(base::Code::unreadableFile, path, errno);
    Stamp stamp{status.st_ino, status.st_mode, 0, {}, {}};
    if (!S_ISDIR(status.st_mode)) {
      stamp.size = status.st_size;
      stamp.modified = status.st_mtim;
      stamp.changed = status.st_ctim;
    }
    out.emplace(path.substr(folder().size() + 1), stamp);
  }
  if (error) return cannot(base::Code::unreadableFile, folder(), error.value());
  return out;
}

bool WorkingCopy::Stamp::operator==(const Stamp& other) const {
  const auto same = [](const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
  };
  return inode == other.inode && mode == other.mode && size == other.size && same(modified, other.modified) &&
         same(changed, other.changed);
}

}  // namespace msctl::pipeline
