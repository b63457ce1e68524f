// The integration tests of services: each service is run with what it needs behind a gateway of its own, its
// tests ask it there, and what went over the wire is judged.
//
//   one replica ── tests ──► fails: told as it is
//        └── passed ──► the traffic against the OpenAPI document (contract)
//               └─────► again with several replicas, replaced after changes (stateless) ──► where answers
//               parted
#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/join/steps.h"
#include "runtime/contract/check.h"
#include "runtime/contract/parted.h"

namespace msctl::cli::join {

struct IntegrationOptions {
  bool contract = false;
  bool stateless = false;
  bool verbose = false;
  std::string progress;
};

struct IntegrationResult {
  toolchain::Outcome outcome;
  base::Code code = base::Code::testsFailed;  // why, where it failed
  contract::Report contract;
  std::vector<contract::Parted> parted;
  std::string folder;  // relative to the root: logs, recordings and what the tests said
};

struct IntegrationRun {
  std::vector<IntegrationResult> results;  // in the order of the subjects
  bool interrupted = false;
};

// Several services side by side. They and what they need have been built.
IntegrationRun run_integration(Context& context, const std::string& root,
                               const std::vector<Subject>& subjects, const IntegrationOptions& options);

// Prints one row a service, and an error for each that failed.
base::Exit summarize(Context& context, const IntegrationRun& run,
                     const std::vector<std::string>& without_tests);

}  // namespace msctl::cli::join
