#include "cli/join/workspace.h"

#include "scaffolds/embedded.h"

namespace msctl::cli::join {

workspace::LoadOptions load_options(const Context& context, const std::string& environment) {
  workspace::LoadOptions options;
  options.environment = environment;
  options.languages = scaffolds::language_names();
  options.variable = [&context](const std::string& name) { return context.variable(name); };
  return options;
}

std::expected<workspace::Workspace, base::Errors> load_workspace(const Context& context,
                                                                 const std::string& environment) {
  auto root = workspace::find_root(context.folder);
  if (!root) return std::unexpected(base::Errors{root.error()});
  return workspace::load(*root, load_options(context, environment));
}

}  // namespace msctl::cli::join
