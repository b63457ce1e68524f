#include "cli/join/workspace.h"

#include <filesystem>

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
  auto loaded = workspace::load(*root, load_options(context, environment));
  if (loaded || *root == context.folder) return loaded;
  // Places are told so that they can be opened from where the command was given.
  for (base::Error& error : loaded.error())
    if (!error.at.file.empty() && !error.at.file.starts_with('/'))
      error.at.file = std::filesystem::path(*root + "/" + error.at.file).lexically_relative(context.folder);
  return loaded;
}

}  // namespace msctl::cli::join
