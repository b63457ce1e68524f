// What git ignores below a folder, which need not be in a repository: then nothing is.
#pragma once

#include <optional>
#include <string>

#include "runtime/git/repository.h"

namespace msctl::git {

class IgnoredFolders {
public:
  explicit IgnoredFolders(const std::string& root);

  // `folder`: relative to the root.
  bool is_ignored(const std::string& folder) const;

private:
  std::optional<Repository> repository_;
  std::string prefix_;  // of the root within the working tree: "shop/", or empty
};

}  // namespace msctl::git
