// Flags and arguments which several commands take with one meaning, and what they stand for.
#pragma once

#include "cli/command.h"
#include "cli/context.h"

namespace msctl::cli {

Flag environment_flag();  // -e, --env
Flag cluster_flag();      // the same, of commands for which there must be a cluster
Flag verbose_flag();      // -v, --verbose
Flag progress_flag();     // --progress
Flag follow_flag();       // -f, --follow

// [SERVICE…]
Argument services_argument(std::string doc);

// An error unless `name` is an environment that this build can act on, which is the local run.
base::Result<void> expect_local(const std::string& name);

// An error for the first of `names` that is not in `known`, with the nearest one.
base::Result<void> expect_known(const std::vector<std::string>& names, const std::vector<std::string>& known,
                                std::string_view what = "service");

}  // namespace msctl::cli
