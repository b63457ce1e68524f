// What is different between a revision and the working tree, as far as the workspace goes.
#pragma once

#include <string>

#include "pipelines/graph/affected.h"
#include "runtime/base/error.h"
#include "runtime/git/changes.h"
#include "runtime/git/repository.h"
#include "runtime/workspace/types.h"

namespace msctl::graph {

struct Base {
  std::string commit;  // 40 hex digits
  std::string shown;   // "v1.2", "the merge base of HEAD and origin/main"
};

// `revision`: a commit, tag or branch, as `git rev-parse` takes it; empty: where HEAD and origin's own branch
// (origin/HEAD; else origin/main or origin/master) have parted. Errors: unknownRevision, shallowClone,
// noBase.
base::Result<Base> find_base(const git::Repository& repository, const std::string& revision);

// A repository, what it is compared with, and what is different below the workspace's root.
struct Comparison {
  git::Repository repository;
  Base base;
  std::string prefix;  // the workspace's root from the repository's: "shop/", or empty
  std::vector<git::Change> changes;
};

// Errors: those of git::Repository::open and find_base, badRepository.
base::Result<Comparison> compare(const std::string& root, const std::string& revision);

// The same, as paths and keys of the workspace as it is now.
Changes changes_of(const Comparison& comparison, const workspace::Workspace& workspace);

}  // namespace msctl::graph
