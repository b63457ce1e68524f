// Which files make up a workspace.
#pragma once

#include <string>
#include <vector>

namespace msctl::workspace {

// Folders below `root` that fit a pattern such as "services/*" (a '*' stands for any part of one name, never
// for a leading dot) and hold a service.yaml, relative to `root`, sorted. `unreadable`: folders that might
// hold one, but may not be looked into.
std::vector<std::string> match_folders(const std::string& root, const std::string& pattern,
                                       std::vector<std::string>* unreadable = nullptr);

// Whether the pattern covers a folder, which need not be there.
bool covers(const std::string& pattern, const std::string& relative);

}  // namespace msctl::workspace
