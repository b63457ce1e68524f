#include "runtime/git/work_tree.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace msctl::git {

namespace fs = std::filesystem;

base::Result<ReadIndex> read_index(const std::string& path) {
  struct stat info{};
  std::ifstream file(path, std::ios::binary);
  // A repository in which nothing was ever staged has none.
  if (!file || ::stat(path.c_str(), &info) != 0) return ReadIndex{};
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  auto index = parse_index(std::move(bytes));
  if (!index) return std::unexpected(std::move(index.error()));
  return ReadIndex{
      std::move(*index),
      {static_cast<std::uint32_t>(info.st_mtim.tv_sec), static_cast<std::uint32_t>(info.st_mtim.tv_nsec)}};
}

bool may_convert(const Repository& repository, const Index& index, const Scan& scan) {
  const auto is_one = [](std::string_view path) { return path.ends_with(".gitattributes"); };
  return repository.converts() || std::ranges::any_of(index.entries, is_one, &IndexEntry::path) ||
         std::ranges::any_of(scan.unknown, is_one);
}

std::optional<Stored> in_work_tree(const Repository& repository, const std::string& path,
                                   std::uint32_t mode_before, bool converted) {
  struct stat info{};
  if (::lstat((repository.work_folder() + path).c_str(), &info) != 0) return std::nullopt;
  std::uint32_t mode = 0100644;
  if (S_ISLNK(info.st_mode))
    mode = 0120000;
  else if (S_ISDIR(info.st_mode))
    mode = 0160000;
  else if (!S_ISREG(info.st_mode))
    return std::nullopt;
  else if ((info.st_mode & S_IXUSR) != 0)
    mode = 0100755;
  // A submodule that is not checked out is an empty folder, and at the commit that the index says.
  if (mode == 0160000 && mode_before != 0160000) return std::nullopt;
  auto id = repository.hash(path, mode, converted);
  if (!id) return std::nullopt;
  return Stored{*id, mode};
}

void expand(const Repository& repository, const std::string& path, std::vector<std::string>& out) {
  if (repository.is_ignored(path)) return;
  if (!path.ends_with('/')) return out.push_back(path);
  std::error_code error;
  const fs::path folder = repository.work_folder() + path;
  if (fs::exists(folder / ".git", error)) return out.push_back(path);
  for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
    const bool below = each->is_directory(error) && !each->is_symlink(error);
    expand(repository, path + each->path().filename().string() + (below ? "/" : ""), out);
  }
}

}  // namespace msctl::git
