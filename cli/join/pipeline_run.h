// `pipeline run`: the jobs of the pipeline here, each in a clean working copy.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "pipelines/run/schedule.h"
#include "runtime/base/error.h"

namespace msctl::cli::join {

struct PipelineRunOptions {
  std::vector<std::string> services;    // empty: all
  std::optional<std::string> affected;  // the revision of --affected, where it was given
  std::string job;                      // its id: it and those that it waits for; empty: all
  bool trunk = false;                   // as on the trunk, not as for a pull request: jobs that push, too
  bool resume = false;  // jobs that passed before are not run again, where nothing has changed
  bool keep = false;    // the working copies of jobs that fail
  unsigned parallel = 1;
  bool verbose = false;
  std::string progress;
};

// Prints what came of it. Errors: noRepository, unknownName, those of the workspace and of comparing.
std::expected<base::Exit, base::Errors> run_pipeline(Context& context, const PipelineRunOptions& options);

}  // namespace msctl::cli::join
