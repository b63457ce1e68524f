// `test` and `lint`: each service's own steps in its own toolchain, side by side, and one summary.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "runtime/toolchain/commands.h"
#include "runtime/toolchain/steps.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::join {

// A service with its commands.
struct Subject {
  const workspace::Service* service;
  toolchain::Commands commands;
};

// The services of these names, or all that are not backing services. Errors: unknownName, toolMissing (their
// toolchains are looked at before anything runs).
std::expected<std::vector<Subject>, base::Errors> subjects(const workspace::Workspace& workspace,
                                                           const std::vector<std::string>& names,
                                                           system::Processes& processes);

// Why the steps of a service were run, or not.
struct Provenance {
  bool cached = false;
  std::vector<std::string> because;
};

struct StepsRun {
  std::vector<toolchain::Outcome> outcomes;  // in the order of the jobs
  std::vector<Provenance> provenance;        // in the same order, or none
  bool interrupted = false;
};

// What a job prints, with its service's name above.
void print_output(Context& context, const toolchain::Outcome& outcome);

double seconds(base::Duration duration);

// `what`: "tests", "lint", for progress. Output goes to stderr, for a service that fails or with `verbose`.
StepsRun run_steps(Context& context, const std::vector<toolchain::Job>& jobs, std::string_view what,
                   bool verbose, std::string_view progress);

// Prints one row a service, and the error that names those that failed.
base::Exit summarize(Context& context, const StepsRun& run, const std::vector<std::string>& without_steps);

}  // namespace msctl::cli::join
