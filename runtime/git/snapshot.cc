#include "runtime/git/snapshot.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace msctl::git {
namespace {

class Snapshot {
public:
  Snapshot(const Repository& repository, bool converted) : repository_(repository), converted_(converted) {}

  // `indexed`: as the index has it, or nothing.
  base::Result<void> add(const std::string& path, const Stored& indexed) {
    std::error_code error;
    if (std::filesystem::exists(std::filesystem::path(repository_.work_folder()) / path / ".git", error))
      return add_within(path.ends_with('/') ? path : path + "/");
    auto there = in_work_tree(repository_, path, indexed.mode, converted_);
    if (!there && indexed.mode == 0160000) there = indexed;  // a submodule that is not checked out
    if (there) files_.push_back({path, *there, changed_at(path)});
    return {};
  }

  void take(const IndexEntry& entry) {
    files_.push_back({std::string(entry.path), {entry.id, entry.mode}, entry.changed});
  }

  bool ends_with(std::string_view path) const { return !files_.empty() && files_.back().path == path; }

  std::vector<SnapshotFile> sorted() {
    std::ranges::sort(files_, {}, &SnapshotFile::path);
    return std::move(files_);
  }

private:
  FileTime changed_at(const std::string& path) const {
    struct stat info{};
    if (::lstat((repository_.work_folder() + path).c_str(), &info) != 0) return {};
    return {static_cast<std::uint32_t>(info.st_ctim.tv_sec),
            static_cast<std::uint32_t>(info.st_ctim.tv_nsec)};
  }

  // A repository within the working tree, submodule or not: its commit alone would not tell what stands
  // there.
  base::Result<void> add_within(const std::string& path) {
    auto within = Repository::open(repository_.work_folder() + path);
    if (!within) return std::unexpected(std::move(within.error()));
    auto files = snapshot(*within, {});
    if (!files) return std::unexpected(std::move(files.error()));
    for (SnapshotFile& file : *files) files_.push_back({path + file.path, file.stored, file.changed});
    return {};
  }

  const Repository& repository_;
  bool converted_;
  std::vector<SnapshotFile> files_;
};

}  // namespace

base::Result<std::vector<SnapshotFile>> snapshot(const Repository& repository, const std::string& prefix) {
  auto read = read_index(repository.index_path());
  if (!read) return std::unexpected(std::move(read.error()));
  const Index& index = read->index;
  const Scan looked = scan(repository.work_folder(), index, prefix, read->written);

  Snapshot out(repository, may_convert(repository, index, looked));
  auto missing = looked.missing.begin(), suspect = looked.suspects.begin();
  for (std::size_t i = 0; i < index.entries.size(); ++i) {
    const IndexEntry& entry = index.entries[i];
    if (!entry.path.starts_with(prefix)) continue;
    const Stored indexed{entry.id, entry.mode};
    if (missing != looked.missing.end() && *missing == i) {
      ++missing;
    } else if (suspect == looked.suspects.end() || *suspect != i) {
      out.take(entry);
    } else {
      ++suspect;
      if (out.ends_with(entry.path)) continue;  // the sides of a conflict are one file
      if (auto added = out.add(std::string(entry.path), indexed); !added)
        return std::unexpected(std::move(added.error()));
    }
  }
  std::vector<std::string> fresh;
  for (const std::string& path : looked.unknown) expand(repository, path, fresh);
  for (const std::string& path : fresh)
    if (auto added = out.add(path, {}); !added) return std::unexpected(std::move(added.error()));
  return out.sorted();
}

}  // namespace msctl::git
