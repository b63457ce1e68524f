// The workspace compared with a revision of its repository.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/context.h"
#include "pipelines/graph/compare.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::join {

struct Compared {
  workspace::Workspace workspace;
  graph::Base base;
  graph::Verdict verdict;
};

// `revision`: as for graph::find_base. The repository is looked at while the workspace is read.
std::expected<Compared, base::Errors> compare_workspace(const Context& context, const std::string& revision,
                                                        const std::string& environment = "local");

// The services that a command is about.
struct Selection {
  workspace::Workspace workspace;
  std::vector<std::string> services;  // empty: all, unless `none`
  std::optional<std::string> none;    // why there is nothing to do: no service is affected
};

// `names`: those asked for, or none for all. `affected`: the revision of --affected, where it was given: then
// only the services among them that are affected themselves, or, `through_needs`, also those whose needs are.
// Errors: unknownName, besides those of comparing.
std::expected<Selection, base::Errors> select(const Context& context, const std::vector<std::string>& names,
                                              const std::optional<std::string>& affected, bool through_needs,
                                              const std::string& environment = "local");

std::string none_affected(const graph::Base& base);  // in words

// The document of a command that had nothing to do.
base::Exit print_nothing(Context& context, const std::string& why);

// --affected[=BASE]
Flag affected_flag();

}  // namespace msctl::cli::join
