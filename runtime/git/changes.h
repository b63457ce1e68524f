// What is different between a commit and the working tree: staged or not, and new files that are not ignored.
#pragma once

#include <string>
#include <vector>

#include "runtime/git/repository.h"

namespace msctl::git {

struct Change {
  enum class Kind { added, modified, removed };
  std::string path;  // from the root of the repository; of a repository within it with '/' at its end
  Kind kind;
  bool operator==(const Change&) const = default;
};

// By path. `prefix`: only below this folder ("shop/"), or empty. A file that has been changed and changed
// back is not among them. Errors: badRepository.
base::Result<std::vector<Change>> changes(const Repository& repository, const std::string& base_commit,
                                          const std::string& prefix);

}  // namespace msctl::git
