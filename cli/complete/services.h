// The names of the workspace's services, fast and forgiving: completion must answer while a file is half
// edited.
#pragma once

#include <string>
#include <vector>

namespace msctl::cli::complete {

// Sorted; empty outside a workspace.
std::vector<std::string> service_names(const std::string& folder);

// What msctl.yaml says its workspace is called, without judging the rest of it; empty where there is none.
std::string workspace_name(const std::string& folder);

}  // namespace msctl::cli::complete
