// Folders are independent of each other, so they are a list that threads take from. In each, the names that
// are there are met with those that the index has: one pass over the folder tells the missing, the changed
// and the unknown.
//
// Times prove nothing for a file that was written in the same tick in which the index was, or later ("racy
// git", Documentation/technical/racy-git.txt): it is a suspect.
#include "runtime/git/scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "runtime/base/fd.h"
#include "runtime/base/threads.h"

namespace msctl::git {
namespace {

struct Folder {
  std::string path;                  // "a/b/", or empty
  std::vector<std::size_t> files;    // entries directly in it, by name
  std::vector<std::string> folders;  // sorted: names of those below that are in this list, too
};

// Every folder that has a tracked file below it.
std::vector<Folder> folders_of(const Index& index, const std::string& prefix) {
  std::vector<Folder> out{{prefix, {}, {}}};
  std::vector<std::size_t> open{0};  // from the prefix down to the folder of the last path
  for (std::size_t i = 0; i < index.entries.size(); ++i) {
    const std::string_view path = index.entries[i].path;
    if (!path.starts_with(prefix)) continue;
    while (!path.starts_with(out[open.back()].path)) open.pop_back();
    for (std::size_t at = out[open.back()].path.size(), end; (end = path.find('/', at)) != std::string::npos;
         at = end + 1) {
      out[open.back()].folders.emplace_back(path.substr(at, end - at));
      open.push_back(out.size());
      out.push_back({std::string(path.substr(0, end + 1)), {}, {}});
    }
    out[open.back()].files.push_back(i);
  }
  for (Folder& folder : out) std::ranges::sort(folder.folders);
  return out;
}

FileTime time_of(const timespec& time) {
  return {static_cast<std::uint32_t>(time.tv_sec), static_cast<std::uint32_t>(time.tv_nsec)};
}

std::uint32_t kind_of(mode_t mode) {
  if (S_ISLNK(mode)) return 0120000;
  if (S_ISDIR(mode)) return 0160000;
  return S_ISREG(mode) ? ((mode & S_IXUSR) != 0 ? 0100755 : 0100644) : 0;
}

bool is_as_remembered(const IndexEntry& entry, const struct stat& info, FileTime written) {
  return kind_of(info.st_mode) == entry.mode && static_cast<std::uint32_t>(info.st_size) == entry.size &&
         time_of(info.st_mtim) == entry.modified && time_of(info.st_ctim) == entry.changed &&
         static_cast<std::uint32_t>(info.st_ino) == entry.inode && info.st_uid == entry.uid &&
         info.st_gid == entry.gid && entry.modified < written;
}

// Never through a link: what stands behind one is not the repository's.
int open_folder(int root, const char* path) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  const long opened = ::syscall(SYS_openat2, root, path, &how, sizeof how);
  if (opened >= 0 || errno != ENOSYS) return static_cast<int>(opened);
  return ::openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

class Scanner {
public:
  Scanner(const Index& index, FileTime written, int root) : index_(index), written_(written), root_(root) {}

  void look(const Folder& folder) {
    const char* path = folder.path.empty() ? "." : folder.path.c_str();
    base::Fd opened(open_folder(root_, path));
    DIR* stream = opened ? ::fdopendir(opened.get()) : nullptr;
    if (stream == nullptr) {
      for (std::size_t i : folder.files) lose(i);
      return;
    }
    opened.release();
    met_.assign(folder.files.size(), false);
    while (const dirent* each = ::readdir(stream)) meet(folder, *each, ::dirfd(stream));
    ::closedir(stream);
    for (std::size_t at = 0; at < folder.files.size(); ++at)
      if (!met_[at]) lose(folder.files[at]);
  }

  Scan& found() { return out_; }

private:
  std::string_view name_of(const Folder& folder, std::size_t i) const {
    return index_.entries[i].path.substr(folder.path.size());
  }

  void lose(std::size_t i) {
    if (!index_.entries[i].trusted) out_.missing.push_back(i);
  }

  void meet(const Folder& folder, const dirent& each, int descriptor) {
    const std::string_view name = each.d_name;
    if (name == "." || name == ".." || name == ".git") return;
    auto at =
        std::ranges::lower_bound(folder.files, name, {}, [&](std::size_t i) { return name_of(folder, i); });
    if (at != folder.files.end() && name_of(folder, *at) == name) {
      if (is_folder(each, descriptor) && index_.entries[*at].mode != 0160000)
        replace_by_folder(folder, *at);
      else
        compare(*at, each.d_name, descriptor);
      // The sides of a conflict are one file.
      for (; at != folder.files.end() && name_of(folder, *at) == name; ++at)
        met_[static_cast<std::size_t>(at - folder.files.begin())] = true;
      return;
    }
    const bool below = is_folder(each, descriptor);
    if (below && std::ranges::binary_search(folder.folders, name)) return;
    out_.unknown.push_back(folder.path + std::string(name) + (below ? "/" : ""));
  }

  static bool is_folder(const dirent& each, int descriptor) {
    if (each.d_type != DT_UNKNOWN) return each.d_type == DT_DIR;
    struct stat info{};
    return ::fstatat(descriptor, each.d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
  }

  void replace_by_folder(const Folder& folder, std::size_t i) {
    out_.unknown.push_back(folder.path + std::string(name_of(folder, i)) + "/");
    lose(i);
  }

  void compare(std::size_t i, const char* name, int descriptor) {
    const IndexEntry& entry = index_.entries[i];
    if (entry.trusted) return;
    struct stat info{};
    if (::fstatat(descriptor, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
      out_.missing.push_back(i);
    else if (entry.mode == 0160000 || entry.only_intended || entry.conflict ||
             !is_as_remembered(entry, info, written_))
      out_.suspects.push_back(i);
  }

  const Index& index_;
  FileTime written_;
  int root_;
  std::vector<bool> met_;  // of the folder's files
  Scan out_;
};

void add(std::vector<std::size_t>& to, const std::vector<std::size_t>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

Scan scan(const std::string& work_folder, const Index& index, const std::string& prefix, FileTime written) {
  const std::vector<Folder> folders = folders_of(index, prefix);
  base::Fd root(::open(work_folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));

  constexpr std::size_t kFoldersAThread = 50, kMostThreads = 8;
  const std::size_t threads = std::min(base::threads_for(folders.size(), kFoldersAThread), kMostThreads);
  std::vector<std::unique_ptr<Scanner>> scanners;
  for (std::size_t i = 0; i < threads; ++i)
    scanners.push_back(std::make_unique<Scanner>(index, written, root.get()));
  base::on_threads(threads, folders.size(),
                   [&](std::size_t thread, std::size_t i) { scanners[thread]->look(folders[i]); });

  Scan out;
  for (const auto& scanner : scanners) {
    add(out.missing, scanner->found().missing);
    add(out.suspects, scanner->found().suspects);
    for (std::string& path : scanner->found().unknown) out.unknown.push_back(std::move(path));
  }
  std::ranges::sort(out.missing);
  std::ranges::sort(out.suspects);
  std::ranges::sort(out.unknown);
  return out;
}

}  // namespace msctl::git
