// What git ignores, asked of libgit2; where that is missing, or there is no repository, nothing is.
#pragma once

#include <memory>
#include <string>

namespace msctl::git {

class IgnoredFolders {
public:
  // `root`: a folder within a repository, or not.
  explicit IgnoredFolders(std::string root);
  ~IgnoredFolders();
  IgnoredFolders(const IgnoredFolders&) = delete;
  IgnoredFolders& operator=(const IgnoredFolders&) = delete;

  // `folder`: relative to the root.
  bool is_ignored(const std::string& folder) const;

private:
  struct Repository;
  std::string root_;
  std::unique_ptr<Repository> repository_;  // none: nothing is ignored
};

}  // namespace msctl::git
