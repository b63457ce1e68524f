// The `services:` of msctl.yaml: from patterns to the folders that hold a service.yaml.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/yaml/node.h"

namespace msctl::workspace {

struct FoundFolders {
  std::vector<std::string> patterns;  // as they stand in the file
  std::vector<std::string> folders;   // relative to the root, sorted, each once
  // Services that may be there but could not be looked at; an empty name: any.
  std::set<std::string> broken;
};

// `patterns`: a list. Errors: noServices, unreadableFile.
FoundFolders find_services(const std::string& root, const yaml::Node& patterns, base::Errors& errors);

}  // namespace msctl::workspace
