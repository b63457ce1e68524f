// The working tree as it is: every file that git would keep, with what it would be stored as.
#pragma once

#include <string>
#include <vector>

#include "runtime/git/work_tree.h"

namespace msctl::git {

struct SnapshotFile {
  std::string path;  // from the root of the repository, those of a repository within it, too
  Stored stored;
  FileTime changed;  // its inode, at last
};

// By path, without what is ignored: a submodule by its files where it is checked out, else by its commit.
// `prefix`: only below this folder ("shop/"), or empty. What the index remembers unchanged is not read.
// Errors: badRepository.
base::Result<std::vector<SnapshotFile>> snapshot(const Repository& repository, const std::string& prefix);

}  // namespace msctl::git
