// From the model to what a run has to do for each service: what to build, what to start, with which
// variables.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/local/supervisor/types.h"
#include "runtime/toolchain/language.h"
#include "runtime/workspace/types.h"

namespace msctl::local {

struct PlannedService {
  ServiceSpec spec;
  std::string folder;
  std::vector<toolchain::Argv> build;  // steps
  std::vector<toolchain::Requirement> requirements;
  toolchain::Argv run;      // $PORT is replaced at each start
  toolchain::Argv cleanup;  // after the end: removes a container; $NAME is replaced as in `run`
  std::map<std::string, std::string> env;
  workspace::Health health;
  std::string scheme;
  std::string url;  // of one that runs elsewhere
};

struct PlanOptions {
  std::vector<std::string> services;  // and what they need; empty: all
  bool build = true;
  std::function<std::optional<std::string>(const std::string& name)> variable;  // for secrets
  std::function<std::string(const std::string& program)> find_program;          // empty: not there
};

// Errors: unknownName, missingSecret (each), missingRun, toolMissing.
std::expected<std::vector<PlannedService>, base::Errors> plan(const workspace::Workspace& workspace,
                                                              const toolchain::Languages& languages,
                                                              const PlanOptions& options);

}  // namespace msctl::local
