// check: every error of the workspace's files, in one go.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/join/workspace.h"
#include "cli/output/document.h"
#include "cli/output/table.h"

namespace msctl::cli::commands {
namespace {

// The environments whose view of the workspace differs: those it declares, and those with an overlay,
// msctl.ENV.yaml.
std::set<std::string> other_environments(const std::string& root, const workspace::Workspace* workspace) {
  std::set<std::string> names;
  if (workspace)
    for (const auto& environment : workspace->environments) names.insert(environment.name);
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(root, ignored)) {
    std::string file = entry.path().filename().string();
    constexpr std::string_view before = "msctl.", after = ".yaml";
    if (file.size() > before.size() + after.size() && file.starts_with(before) && file.ends_with(after))
      names.insert(file.substr(before.size(), file.size() - before.size() - after.size()));
  }
  names.erase("local");
  return names;
}

void print(Context& context, const workspace::Workspace& workspace) {
  std::size_t routes = workspace.gateway.routes.size();
  for (const auto& service : workspace.services) routes += service.routes.size();
  nlohmann::ordered_json fields{{"workspace", workspace.name},
                                {"root", workspace.root},
                                {"services", workspace.service_names()},
                                {"routes", routes}};
  output::print(context, fields, [&](std::ostream& out) {
    out << fmt::format("{}: {}, {}, no errors\n", workspace.name,
                       output::count(workspace.services.size(), "service"), output::count(routes, "route"));
  });
}

Outcome run(Context& context, const Arguments&) {
  auto root = workspace::find_root(context.folder);
  if (!root) return fail(root.error());
  auto local = workspace::load(*root, join::load_options(context));
  base::Errors errors = local ? base::Errors{} : local.error();
  for (const std::string& environment : other_environments(*root, local ? &*local : nullptr)) {
    auto other = workspace::load(*root, join::load_options(context, environment));
    if (!other) errors.insert(errors.end(), other.error().begin(), other.error().end());
  }
  if (!errors.empty()) {
    base::sort_errors(errors);  // errors that every environment shares count once
    return std::unexpected(std::move(errors));
  }
  print(context, *local);
  return base::Exit::ok;
}

}  // namespace

Command describe_check() {
  return {.path = "check",
          .section = Section::start,
          .summary = "find every error in the workspace's files",
          .description =
              "Reads msctl.yaml, its overlays for each environment, every service.yaml and the files that "
              "they name, "
              "and tells all errors at once, each with its place, what was expected, and what was probably "
              "meant.",
          .examples = {{"msctl check", "all errors, or none"},
                       {"msctl check -o json", "the same for an editor or a pipeline"}},
          .exits = {{base::Exit::ok, "no errors"}, {base::Exit::config, "there are errors"}},
          .run = run};
}

}  // namespace msctl::cli::commands
