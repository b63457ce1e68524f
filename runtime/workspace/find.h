// Which files make up a workspace.
#pragma once

#include <string>
#include <vector>

namespace msctl::workspace {

// Folders below `root` that fit a pattern such as "services/*" (a '*' stands for any part of one name, never
// for a leading dot) and hold a service.yaml, relative to `root`, sorted.
std::vector<std::string> match_folders(const std::string& root, const std::string& pattern);

}  // namespace msctl::workspace
