#include "cli/join/depends.h"

#include "runtime/toolchain/environment.h"
#include "scaffolds/embedded.h"

namespace msctl::cli::join {
namespace {

// Of paths from the workspace's root, which is "".
std::string below(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

bool is_within(const std::string& inner, const std::string& outer) {
  return inner != outer && (outer.empty() || inner.starts_with(outer + "/"));
}

}  // namespace

std::string cache_folder(const Context& context) {
  if (auto folder = context.variable("XDG_CACHE_HOME"); folder && folder->starts_with('/'))
    return *folder + "/msctl";
  if (auto home = context.variable("HOME"); home && home->starts_with('/')) return *home + "/.cache/msctl";
  return {};
}

// Steps of no language may be of any.
Depends::Depends(const Context& context, const workspace::Workspace& workspace, cache::Tools& tools)
    : context_(context),
      workspace_(workspace),
      tools_(tools),
      languages_(workspace.languages().contains("none") ? scaffolds::toolchains()
                                                        : scaffolds::toolchains(workspace.languages())) {}

Dependence Depends::of(const workspace::Service& service, std::string_view kind,
                       const std::vector<toolchain::Argv>& steps) {
  auto environment = toolchain::step_environment(service, *languages_, context_.environment);
  Dependence out{std::move(environment.all), {}};
  out.task = {std::string(kind), steps, std::move(environment.counted), {".msctl"}, {}};
  for (const workspace::Service& other : workspace_.services)
    if (is_within(other.relative, service.relative)) out.task.except.push_back(other.relative);
  if (const toolchain::Language* language = languages_->find(service.language)) {
    for (const std::string& made : language->artefacts)
      out.task.except.push_back(below(service.relative, made));
    auto [known, fresh] = known_.try_emplace(language->name);
    if (fresh) known->second = tools_.inputs(*language);
    out.task.tools = known->second;
  }
  for (cache::Input& tool : tools_.inputs(steps)) out.task.tools.push_back(std::move(tool));
  return out;
}

}  // namespace msctl::cli::join
