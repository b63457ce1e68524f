#include "cli/join/pipeline.h"

#include <fmt/format.h>

#include <filesystem>
#include <iterator>

#include "pipelines/emit/systems/systems.h"
#include "pipelines/model/plan.h"
#include "scaffolds/embedded.h"

namespace msctl::cli::join {
namespace {

// The repository around a folder: where a .git stands, a folder or the file of a working tree. Empty: none.
std::string repository_of(const std::string& folder) {
  std::error_code ignored;
  for (std::filesystem::path at = folder; !at.empty(); at = at.parent_path()) {
    if (std::filesystem::exists(at / ".git", ignored)) return at.string();
    if (at == at.root_path()) break;
  }
  return {};
}

}  // namespace

base::Result<Planned> plan_pipeline(const workspace::Workspace& workspace, const pipeline::Pins& pins) {
  auto languages = scaffolds::toolchains(workspace.languages());
  if (!languages) return std::unexpected(languages.error());
  Planned out{std::move(*languages), {}};
  out.pipeline = pipeline::plan(workspace, out.languages, pins);
  return out;
}

base::Result<generated::Emitted> emit_pipelines(const workspace::Workspace& workspace,
                                                const pipeline::Pins& pins) {
  generated::Emitted out;
  if (workspace.pipelines.systems.empty()) {
    out.notes.push_back({{}, "no pipeline: msctl.yaml names no system under pipelines.systems", true});
    return out;
  }
  // Every system looks for its files in the root of the repository, and nowhere else.
  if (const std::string repository = repository_of(workspace.root);
      !repository.empty() && !std::filesystem::equivalent(repository, workspace.root))
    return base::fail(
        base::Code::pipelineOutside,
        fmt::format(
            "the workspace is a folder of the repository {}, and pipelines are looked for in its root",
            repository));
  auto planned = plan_pipeline(workspace, pins);
  if (!planned) return std::unexpected(planned.error());
  for (const std::string& name : workspace.pipelines.systems) {
    const emit::System* system = emit::find_system(name);
    if (system == nullptr) {
      out.notes.push_back({{}, fmt::format("no pipeline for {}: this msctl does not write it", name), true});
      continue;
    }
    generated::Emitted emitted = system->emit(planned->pipeline);
    std::ranges::move(emitted.files, std::back_inserter(out.files));
    std::ranges::move(emitted.notes, std::back_inserter(out.notes));
  }
  return out;
}

}  // namespace msctl::cli::join
