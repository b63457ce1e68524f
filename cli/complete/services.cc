#include "cli/complete/services.h"

#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/base/yaml/node.h"

namespace msctl::cli::complete {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

fs::path find_root(fs::path folder) {
  std::error_code ignored;
  for (;; folder = folder.parent_path()) {
    if (fs::is_regular_file(folder / "msctl.yaml", ignored)) return folder;
    if (folder == folder.parent_path()) return {};
  }
}

// The line "service: NAME", without judging the rest of the file; the folder's name where there is none.
std::string name_in(const fs::path& file) {
  std::istringstream lines(read(file));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("service:")) continue;
    auto from = line.find_first_not_of(" \t\"'", 8);
    if (from == std::string::npos) break;
    return line.substr(from, line.find_first_of(" \t\"'#\r", from) - from);
  }
  return file.parent_path().filename().string();
}

std::vector<std::string> matches(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

}  // namespace

std::vector<std::string> service_names(const std::string& folder) {
  fs::path root = find_root(folder);
  if (root.empty()) return {};
  auto document = yaml::parse("msctl.yaml", read(root / "msctl.yaml"));
  const yaml::Node* patterns = document.root.find("services");
  std::vector<std::string> names;
  if (patterns && patterns->is_list())
    for (const yaml::Node& pattern : patterns->items)
      for (const std::string& file : matches((root / pattern.scalar / "service.yaml").string()))
        names.push_back(name_in(file));
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

}  // namespace msctl::cli::complete
