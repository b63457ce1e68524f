// What the commands under `new` share: placing folders so that Ctrl-C leaves nothing behind, and telling what
// was made.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/context.h"
#include "scaffolds/tree.h"

namespace msctl::cli::join {

// Errors: exists, cannotWrite, interrupted; then everything is as before.
base::Result<void> place(Context& context, const std::vector<scaffolds::NewFolder>& folders);

// The files, relative to `root`, sorted.
std::vector<std::string> files_of(const std::vector<scaffolds::NewFolder>& folders, const std::string& root);

base::Result<void> expect_label(std::string_view what, const std::string& name);

}  // namespace msctl::cli::join
