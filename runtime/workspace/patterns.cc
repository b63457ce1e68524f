#include "runtime/workspace/patterns.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "runtime/base/names.h"
#include "runtime/workspace/find.h"

namespace msctl::workspace {
namespace {

namespace fs = std::filesystem;
using base::Code;

// A pattern is relative to the root, and each '*' stands for one name.
bool is_pattern(const std::string& text) {
  return !text.empty() && !text.starts_with('/') && text.find("**") == std::string::npos;
}

bool parent_exists(const std::string& root, const std::string& pattern) {
  std::error_code error;
  std::string fixed = pattern.substr(0, pattern.find('*'));
  return fs::is_directory(fs::path(root) / fixed.substr(0, fixed.rfind('/')), error);
}

std::string suggest_folder(const std::string& root, const std::string& pattern) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root, error))
    if (entry.is_directory(error)) names.push_back(entry.path().filename().string());
  std::size_t slash = pattern.find('/');
  std::string near = base::nearest(pattern.substr(0, slash), names);
  if (near.empty() || near == pattern.substr(0, slash)) return {};
  return fmt::format("did you mean '{}{}'?", near, slash == std::string::npos ? "" : pattern.substr(slash));
}

// A workspace without services is a beginning, not a mistake; a pattern below a folder that is nearly there
// is one.
std::string why_nothing(const std::string& root, const std::string& pattern) {
  if (pattern.find('*') == std::string::npos) return fmt::format("'{}' holds no service.yaml", pattern);
  if (parent_exists(root, pattern) || pattern == "services/*") return {};
  return fmt::format("'{}' matches no folder with a service.yaml", pattern);
}

}  // namespace

FoundFolders find_services(const std::string& root, const yaml::Node& patterns, base::Errors& errors) {
  FoundFolders out;
  std::set<std::string> folders;
  for (const yaml::Node& pattern : patterns.items) {
    if (!pattern.is_scalar()) continue;
    const std::string& text = pattern.scalar;
    out.patterns.push_back(text);
    if (!is_pattern(text)) {
      errors.push_back({Code::noServices,
                        fmt::format("'{}' is no pattern of folders", text),
                        pattern.location(),
                        "a path from the workspace's root, in which '*' stands for one name: services/*",
                        {},
                        {}});
      out.broken.insert("");
      continue;
    }
    std::vector<std::string> unreadable;
    std::vector<std::string> found = match_folders(root, text, &unreadable);
    for (const std::string& folder : unreadable) {
      out.broken.insert({"", fs::path(folder).filename().string()});
      errors.push_back({Code::unreadableFile,
                        fmt::format("the folder '{}' may not be read", folder),
                        pattern.location(),
                        "folders that may be read",
                        {},
                        {}});
    }
    if (found.empty())
      if (std::string why = why_nothing(root, text); !why.empty())
        errors.push_back({Code::noServices,
                          std::move(why),
                          pattern.location(),
                          text.find('*') == std::string::npos ? "a folder with a service.yaml"
                                                              : "folders with a service.yaml",
                          suggest_folder(root, text),
                          {}});
    folders.insert(found.begin(), found.end());
  }
  out.folders.assign(folders.begin(), folders.end());
  return out;
}

}  // namespace msctl::workspace
