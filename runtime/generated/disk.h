// The files themselves: read and replaced below the workspace's root, and never beyond it, whatever a
// symbolic link says.
#pragma once

#include <functional>
#include <string>

#include "runtime/base/error.h"
#include "runtime/generated/plan.h"

namespace msctl::generated {

struct LockFile {
  Lock lock;
  bool broken = false;  // with a conflict of git in it
};

// An empty lock where there is none. Errors: badLock, unreadableFile.
base::Result<LockFile> read_lock(const std::string& root);

// All of the plan or, after an error or an interruption, nothing of it: new content is first written whole
// beside its place. One call at a time in a workspace. A process that is killed in between leaves each file
// old or new, and the lock, which comes last, old: the next run finds what is new already there. Errors:
// cannotWrite, changedMeanwhile, interrupted.
base::Result<void> apply(const std::string& root, const Plan& plan, const std::function<bool()>& interrupted);

}  // namespace msctl::generated
