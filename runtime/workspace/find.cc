#include "runtime/workspace/find.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>

#include "runtime/base/error.h"
#include "runtime/workspace/load.h"

namespace msctl::workspace {
namespace {

namespace fs = std::filesystem;

void descend(const fs::path& folder, const std::string& relative, fs::path::const_iterator segment,
             fs::path::const_iterator end, std::vector<std::string>& out) {
  std::error_code error;
  while (segment != end && (segment->empty() || *segment == ".")) ++segment;
  if (segment == end) {
    if (fs::is_regular_file(folder / "service.yaml", error)) out.push_back(relative);
    return;
  }
  const std::string wanted = segment->string();
  auto next = std::next(segment);
  auto join = [&](const std::string& name) { return relative.empty() ? name : relative + "/" + name; };
  if (wanted.find_first_of("*?[") == std::string::npos)
    return descend(folder / wanted, join(wanted), next, end, out);
  std::vector<std::string> names;
  for (const auto& entry :
       fs::directory_iterator(folder, fs::directory_options::skip_permission_denied, error)) {
    std::string name = entry.path().filename().string();
    if (::fnmatch(wanted.c_str(), name.c_str(), FNM_PERIOD) == 0 && entry.is_directory(error))
      names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  for (const std::string& name : names) descend(folder / name, join(name), next, end, out);
}

}  // namespace

std::vector<std::string> match_folders(const std::string& root, const std::string& pattern) {
  std::vector<std::string> out;
  fs::path path(pattern);
  descend(root, {}, path.begin(), path.end(), out);
  return out;
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
