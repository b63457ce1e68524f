#include "runtime/workspace/find.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>

#include "runtime/base/error.h"
#include "runtime/workspace/load.h"

namespace msctl::workspace {
namespace {

namespace fs = std::filesystem;

class Search {
public:
  std::vector<std::string> found, unreadable;

  void descend(const fs::path& folder, const std::string& relative, fs::path::const_iterator segment,
               fs::path::const_iterator end) {
    while (segment != end && (segment->empty() || *segment == ".")) ++segment;
    if (segment == end) return look_at(folder, relative);
    const std::string wanted = segment->string();
    auto next = std::next(segment);
    auto join = [&](const std::string& name) { return relative.empty() ? name : relative + "/" + name; };
    if (wanted.find_first_of("*?[") == std::string::npos)
      return descend(folder / wanted, join(wanted), next, end);
    std::error_code error;
    std::vector<std::string> names;
    fs::directory_iterator each(folder, error);
    if (error == std::errc::permission_denied) unreadable.push_back(relative);
    for (; !error && each != fs::directory_iterator(); each.increment(error)) {
      std::string name = each->path().filename().string();
      std::error_code gone;
      if (::fnmatch(wanted.c_str(), name.c_str(), FNM_PERIOD) == 0 && each->is_directory(gone))
        names.push_back(std::move(name));
    }
    std::ranges::sort(names);
    for (const std::string& name : names) descend(folder / name, join(name), next, end);
  }

private:
  // Whatever has the file's name is meant as one: a folder or a link that leads nowhere is an error of the
  // reader's.
  void look_at(const fs::path& folder, const std::string& relative) {
    std::error_code error;
    fs::file_status status = fs::symlink_status(folder / "service.yaml", error);
    if (error == std::errc::permission_denied)
      unreadable.push_back(relative);
    else if (fs::exists(status))
      found.push_back(relative);
  }
};

}  // namespace

std::vector<std::string> match_folders(const std::string& root, const std::string& pattern,
                                       std::vector<std::string>* unreadable) {
  Search search;
  fs::path path(pattern);
  search.descend(root, {}, path.begin(), path.end());
  if (unreadable) unreadable->insert(unreadable->end(), search.unreadable.begin(), search.unreadable.end());
  return std::move(search.found);
}

bool covers(const std::string& pattern, const std::string& relative) {
  std::string normal = fs::path(pattern).lexically_normal().string();
  return ::fnmatch(normal.c_str(), relative.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
}

base::Result<std::string> find_root(const std::string& start) {
  std::error_code error;
  fs::path folder = fs::absolute(start, error).lexically_normal();
  for (;; folder = folder.parent_path()) {
    if (fs::is_regular_file(folder / "msctl.yaml", error)) {
      std::string root = folder.string();
      while (root.size() > 1 && root.ends_with('/')) root.pop_back();
      return root;
    }
    if (folder == folder.parent_path()) break;
  }
  return base::fail(base::Code::noWorkspace, "neither this folder nor one above it holds a msctl.yaml",
                    "change into a workspace, or make one: msctl new workspace NAME");
}

}  // namespace msctl::workspace
