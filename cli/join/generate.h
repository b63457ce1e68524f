// `msctl generate`, apart from how it tells: the workspace read for every environment, its kinds emitted, and
// the plan made of them.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/context.h"
#include "runtime/base/error.h"
#include "runtime/generated/plan.h"

namespace msctl::cli::join {

struct GenerateRequest {
  std::string kind = "all";
  std::vector<std::string> services = {};  // only what belongs to these; empty: everything
};

struct Generation {
  std::string root;
  std::vector<generated::KindFile> files;
  std::vector<std::string> whole_kinds;  // of which `files` holds all
  std::vector<std::string> notes;
};

// Errors: those of the workspace, unknownName, and those of the kinds.
std::expected<Generation, base::Errors> generate(const Context& context, const GenerateRequest& request);

}  // namespace msctl::cli::join
