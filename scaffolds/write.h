// Puts new folders in place: all of them or none.
//
// Each tree is written into a hidden folder beside its destination (so on the same file system) and, when all
// are complete, moved there by rename(2) with RENAME_NOREPLACE: a destination that appeared in the meantime
// is an error, never overwritten. On an error, or when `interrupted` says so, whatever was made is removed
// again, also parent folders. What a killed process left hidden is removed by the next `place` there: such a
// folder is locked (flock) by its maker as long as that lives.
#pragma once

#include <functional>
#include <vector>

#include "runtime/base/error.h"
#include "scaffolds/tree.h"

namespace msctl::scaffolds {

// Errors: exists, cannotWrite, interrupted.
base::Result<void> place(const std::vector<NewFolder>& folders, const std::function<bool()>& interrupted);

}  // namespace msctl::scaffolds
