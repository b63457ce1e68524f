// The names of the workspace's services, fast and forgiving: completion must answer while a file is half
// edited.
#pragma once

#include <string>
#include <vector>

namespace msctl::cli::complete {

// Sorted; empty outside a workspace.
std::vector<std::string> service_names(const std::string& folder);

}  // namespace msctl::cli::complete
