#include "cli/join/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "cli/join/kinds.h"
#include "cli/join/pins.h"
#include "cli/join/workspace.h"
#include "runtime/base/names.h"
#include "runtime/base/threads.h"

namespace msctl::cli::join {
namespace {

using Errors = base::Errors;

Errors unknown_services(const workspace::Workspace& workspace, const std::vector<std::string>& names) {
  Errors errors;
  for (const std::string& name : names)
    if (workspace.find(name) == nullptr)
      errors.push_back(base::fail(base::Code::unknownName, fmt::format("there is no service '{}'", name),
                                  base::did_you_mean(name, workspace.service_names()))
                           .error());
  return errors;
}

std::expected<workspace::Workspace, Errors> load_plain(const Context& context, const std::string& root) {
  workspace::LoadOptions options = load_options(context, "");
  options.overlays = false;
  return workspace::load(root, options);
}

// With names: what belongs to them. A kind that has nothing of single services is always whole.
void select(const std::vector<std::string>& services, std::vector<generated::File>& files) {
  if (services.empty() || std::ranges::none_of(files, [](const auto& file) { return !file.service.empty(); }))
    return;
  std::erase_if(files, [&](const generated::File& file) {
    return std::ranges::find(services, file.service) == services.end();
  });
}

void take(const generated::Note& note, const GenerateRequest& request, std::vector<std::string>& notes,
          Errors& errors) {
  if (note.left_out && note.service.empty() && request.kind == "all") return;  // nobody asked for it
  const bool named = std::ranges::find(request.services, note.service) != request.services.end();
  if (note.left_out && named && request.kind != "all")
    errors.push_back(base::fail(base::Code::noDockerfile, note.text).error());
  else if (request.services.empty() || named)
    notes.push_back(note.text);
}

std::vector<const Kind*> wanted(const std::string& name) {
  std::vector<const Kind*> out;
  for (const Kind& kind : kinds())
    if (name == "all" || name == kind.name) out.push_back(&kind);
  return out;
}

base::Result<pipeline::Pins> read_pins(Context& context, const GenerateRequest& request,
                                       const workspace::Workspace& workspace, Generation& out) {
  if (request.kind != "all" && request.kind != "pipeline") return pipeline::Pins{};
  if (request.pins == GenerateRequest::Pins::as_they_are) return join::read_pins(workspace.root);
  auto refreshed = refresh_pins(context, workspace, request.pins == GenerateRequest::Pins::newest);
  if (!refreshed) return std::unexpected(std::move(refreshed.error()));
  out.pins = pipeline::write_pins(refreshed->pins);
  out.failed = std::move(refreshed->errors);
  return std::move(refreshed->pins);
}

struct EmittedKind {
  const Kind* kind;
  base::Result<generated::Emitted> emitted;
};

// Side by side where that is worth a thread; the result is in the order of the kinds.
std::vector<EmittedKind> emit_all(const std::vector<const Kind*>& kinds, const GenerateInput& input) {
  constexpr std::size_t services_a_thread = 16;
  std::vector<EmittedKind> out;
  for (const Kind* kind : kinds) out.push_back({kind, generated::Emitted{}});
  const std::size_t threads =
      std::min(kinds.size(), base::threads_for(input.workspace.services.size(), services_a_thread));
  base::on_threads(threads, kinds.size(),
                   [&](std::size_t, std::size_t i) { out[i].emitted = kinds[i]->emit(input); });
  return out;
}

}  // namespace

std::expected<Generation, Errors> generate(Context& context, const GenerateRequest& request) {
  auto root = workspace::find_root(context.folder);
  if (!root) return std::unexpected(Errors{std::move(root.error())});
  // The lock is as large as all files together: it is read while they are made.
  auto reading = std::async(std::launch::async, [&]() -> base::Result<generated::LockFile> {
    if (!request.reads_lock) return generated::LockFile{};
    return generated::read_lock(*root);
  });
  auto workspace = load_plain(context, *root);
  if (!workspace) return std::unexpected(std::move(workspace.error()));
  if (Errors unknown = unknown_services(*workspace, request.services); !unknown.empty())
    return std::unexpected(std::move(unknown));

  GenerateInput input{*workspace};
  for (const workspace::Environment& environment : workspace->environments) {
    auto loaded = workspace::load(*root, load_options(context, environment.name));
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    input.environments.push_back({environment.name, std::move(*loaded)});
  }

  Generation out;
  out.root = *root;
  if (auto pins = read_pins(context, request, *workspace, out); !pins)
    return std::unexpected(Errors{std::move(pins.error())});
  else
    input.pins = std::move(*pins);
  Errors errors;
  for (auto& [kind, emitted] : emit_all(wanted(request.kind), input)) {
    if (!emitted && request.kind == "all" && emitted.error().code == base::Code::pipelineOutside) {
      out.notes.push_back("no pipeline: " + emitted.error().message);
      continue;
    }
    if (!emitted) {
      errors.push_back(std::move(emitted.error()));
      continue;
    }
    const std::size_t all = emitted->files.size();
    select(request.services, emitted->files);
    if (emitted->files.size() == all) out.whole_kinds.push_back(kind->name);
    for (generated::File& file : emitted->files) out.files.push_back({kind->name, std::move(file)});
    for (const generated::Note& note : emitted->notes) take(note, request, out.notes, errors);
  }
  if (errors.empty()) {
    auto last = reading.get();
    if (!last) return std::unexpected(Errors{std::move(last.error())});
    out.last = std::move(*last);
    return out;
  }
  base::sort_errors(errors);
  return std::unexpected(std::move(errors));
}

}  // namespace msctl::cli::join
