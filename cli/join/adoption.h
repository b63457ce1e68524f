// Looking at a repository for `init`, and showing what was found.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <expected>
#include <iosfwd>
#include <string>

#include "cli/context.h"
#include "scaffolds/adopt/propose.h"

namespace msctl::cli::join {

struct Adoption {
  std::string root;
  bool had_workspace = false;
  scaffolds::adopt::Proposal proposal;
};

// Of the workspace above the current folder, or of that folder. Errors: nothingToAdopt, alreadyWorkspace,
// unreadableFile, interrupted.
std::expected<Adoption, base::Errors> look_around(Context& context);

nlohmann::ordered_json to_json(const Adoption& adoption);

// The table of services, what would be written, and what could not be told.
void print(const Adoption& adoption, bool colours, std::ostream& out);

}  // namespace msctl::cli::join
