// A template of others, for `new service`: chosen, with values for its variables, and made into files that
// fit into the workspace.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <expected>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/context.h"
#include "runtime/workspace/types.h"
#include "scaffolds/templates/template.h"

namespace msctl::cli::join {

struct ChosenTemplate {
  scaffolds::templates::Address address;
  scaffolds::templates::Template source;
  scaffolds::templates::Values values;
};

// `settings`: NAME=VALUE each. What lacks a value is asked for on a terminal and an error elsewhere;
// `dry_run`: neither, for it is how one finds out what to set.
std::expected<ChosenTemplate, base::Errors> choose_template(Context& context, const std::string& source,
                                                            const std::vector<std::string>& settings,
                                                            bool dry_run);

// With a service.yaml that is valid, and whose needs are there (redis, which is made, aside).
std::expected<scaffolds::Tree, base::Errors> render_template(const ChosenTemplate& chosen,
                                                             const scaffolds::ServiceRequest& request,
                                                             const workspace::Workspace& workspace);

bool needs_redis(const scaffolds::Tree& tree);

// {"template": {…}, "variables": [{name, type, default, value, description}, …]}
nlohmann::ordered_json to_json(const ChosenTemplate& chosen);

// The variables of that document as a table for people; nothing where there are none.
void print_variables(const nlohmann::ordered_json& document, std::ostream& out);

}  // namespace msctl::cli::join
