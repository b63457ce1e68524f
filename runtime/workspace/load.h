// From files to a Workspace, or to every error that is in them.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/workspace/types.h"

namespace msctl::workspace {

// The folder at or above `start` that holds msctl.yaml.
base::Result<std::string> find_root(const std::string& start);

struct LoadOptions {
  std::string environment;  // merges msctl.ENV.yaml over msctl.yaml where it exists; empty or "local":
                            // msctl.local.yaml
  std::vector<std::string> languages;  // the known ones (beside "none")
  // The process's environment; .env in the root is consulted after it.
  std::function<std::optional<std::string>(const std::string&)> variable;
  bool overlays = true;  // false: msctl.yaml alone, what all environments have in common
};

// Every error of every file in one go (one error of syntax a file), sorted.
std::expected<Workspace, base::Errors> load(const std::string& root, const LoadOptions& options);

// The value of a variable as the workspace sees it: the process's environment, then .env in the root.
std::optional<std::string> variable(const std::string& root, const LoadOptions& options,
                                    const std::string& name);

// Services in the order in which they can start: needs first. The model has no cycles.
std::vector<std::string> start_order(const Workspace& workspace);

}  // namespace msctl::workspace
