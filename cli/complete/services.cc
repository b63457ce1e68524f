#include "cli/complete/services.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/base/yaml/node.h"
#include "runtime/workspace/find.h"
#include "runtime/workspace/load.h"

namespace msctl::cli::complete {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
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

}  // namespace

std::vector<std::string> service_names(const std::string& folder) {
  auto root = workspace::find_root(folder);
  if (!root) return {};
  auto document = yaml::parse("msctl.yaml", read(fs::path(*root) / "msctl.yaml"));
  const yaml::Node* patterns = document.root.find("services");
  std::vector<std::string> names;
  if (patterns && patterns->is_list())
    for (const yaml::Node& pattern : patterns->items)
      for (const std::string& found : workspace::match_folders(*root, pattern.scalar))
        names.push_back(name_in(fs::path(*root) / found / "service.yaml"));
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

std::string workspace_name(const std::string& folder) {
  auto root = workspace::find_root(folder);
  if (!root) return {};
  auto document = yaml::parse("msctl.yaml", read(fs::path(*root) / "msctl.yaml"));
  const yaml::Node* name = document.root.find("workspace");
  return name != nullptr ? name->scalar : "";
}

}  // namespace msctl::cli::complete
