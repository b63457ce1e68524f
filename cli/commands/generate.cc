// generate: the files that others read - Dockerfiles, manifests, a Compose file - from the workspace, and
// kept in step with it without losing what a person changed in them.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/join/generate.h"
#include "cli/join/kinds.h"
#include "cli/output/colour.h"
#include "cli/output/document.h"
#include "cli/output/table.h"
#include "runtime/generated/below.h"
#include "runtime/generated/disk.h"
#include "runtime/git/merge.h"

namespace msctl::cli::commands {
namespace {

using generated::Action;
using generated::Plan;
using generated::Step;
using Json = nlohmann::ordered_json;

Outcome print_files(Context& context, const join::Generation& generation) {
  Json files = Json::array();
  for (const auto& [kind, file] : generation.files)
    files.push_back({{"path", file.path}, {"content", file.content}});
  output::print(context, {{"files", std::move(files)}}, [&](std::ostream& out) {
    for (const auto& [kind, file] : generation.files) {
      // A head only where there are several: one file alone can be piped on.
      if (generation.files.size() > 1) out << "# " << file.path << '\n';
      out << file.content;
    }
  });
  for (const std::string& note : generation.notes) context.err << "note: " << note << '\n';
  return base::Exit::ok;
}

// The file of the pins beside those that are made of them: written with them, or not at all.
base::Result<void> add_pins(const join::Generation& generation, Plan& plan) {
  if (generation.pins.empty()) return {};
  auto before = generated::Below(generation.root).read(pipeline::pins_name);
  if (!before) return std::unexpected(std::move(before.error()));
  Step step{pipeline::pins_name, "pins", Action::none, false, false, std::move(*before), generation.pins, 0};
  if (!step.before)
    step.action = Action::create;
  else if (*step.before != step.after)
    step.action = Action::update;
  plan.steps.push_back(std::move(step));
  return {};
}

std::string diff_of(const Step& step) {
  const bool removes = step.action == Action::remove;
  if (!step.writes() && !removes) return {};
  return git::unified_diff(step.path, step.before.value_or(""), step.before.has_value(),
                           removes ? "" : step.after, !removes);
}

void print_diff(const std::string& diff, bool colours, std::ostream& out) {
  const output::Palette& paint = output::palette(colours);
  std::string_view rest = diff;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1));
    const bool head = line.starts_with("--- ") || line.starts_with("+++ ");
    const std::string_view colour = head                     ? paint.bold
                                    : line.starts_with('+')  ? paint.green
                                    : line.starts_with('-')  ? paint.red
                                    : line.starts_with("@@") ? paint.cyan
                                                             : std::string_view{};
    out << colour << line << (colour.empty() ? "" : paint.reset) << '\n';
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
}

// What a person is to know of a step; nothing of a file that is as it was.
std::string in_words(const Step& step) {
  switch (step.action) {
    case Action::none:
      return {};
    case Action::merge:
      return "your edits were kept";
    case Action::conflict:
      return fmt::format("see line {}: your edit and the workspace's change meet there", step.line);
    case Action::release:
      return "the workspace has it no more; you have edited it, so it stays, as your own";
    case Action::foreign:
      return "not made by msctl, left as it is";
    default:
      return {};
  }
}

Json to_json(const Plan& plan, bool with_diff, bool written) {
  Json files = Json::array();
  for (const Step& step : plan.steps) {
    Json file{{"path", step.path},
              {"kind", step.kind},
              {"action", generated::action_name(step.action)},
              {"edited", step.edited}};
    if (with_diff) file["diff"] = diff_of(step);
    files.push_back(std::move(file));
  }
  return {{"files", std::move(files)}, {"drift", plan.drifts()}, {"written", written}};
}

std::string_view paint_of(const Step& step, const output::Palette& paint) {
  if (step.action == Action::conflict) return paint.red;
  if (step.action == Action::release || step.action == Action::foreign) return paint.yellow;
  return step.writes() || step.action == Action::remove ? paint.green : std::string_view{};
}

void print_steps(Context& context, const Plan& plan, std::ostream& out) {
  const output::Palette& paint = output::palette(context.settings.colour_out);
  std::size_t unchanged = 0;
  for (const Step& step : plan.steps) {
    if (step.action == Action::none) {
      ++unchanged;
      continue;
    }
    const std::string words = in_words(step);
    const std::string_view colour = paint_of(step, paint);
    out << fmt::format("{}{:<9}{} {}{}\n", colour, generated::action_name(step.action),
                       colour.empty() ? "" : paint.reset, step.path,
                       words.empty() ? "" : "  (" + words + ")");
  }
  if (unchanged > 0) out << fmt::format("{} unchanged\n", output::count(unchanged, "file"));
  if (unchanged == plan.steps.size() && plan.lock_changes)
    out << fmt::format("{:<9} {}\n", "updated", generated::lock_name);
}

base::Errors conflicts_of(const Plan& plan) {
  base::Errors errors;
  for (const Step& step : plan.steps) {
    if (step.action != Action::conflict) continue;
    base::Error error =
        base::fail(
            base::Code::generateConflict,
            fmt::format("your edit of {} and a change of the workspace meet in the same lines", step.path),
            "edit the file so that it is right, without the markers; nothing else is needed")
            .error();
    error.at = {step.path, step.line, 1, 1, {}};
    errors.push_back(std::move(error));
  }
  return errors;
}

Outcome show(Context& context, const Arguments& arguments, const Plan& plan,
             const join::Generation& generation) {
  const output::Text text = [&](std::ostream& out) {
    if (!arguments.on("diff")) return print_steps(context, plan, out);
    for (const Step& step : plan.steps) print_diff(diff_of(step), context.settings.colour_out, out);
  };
  if (generation.failed.empty())
    output::print(context, to_json(plan, arguments.on("diff"), false), text);
  else
    output::print(context, to_json(plan, arguments.on("diff"), false), text, generation.failed);
  for (const std::string& note : generation.notes) context.err << "note: " << note << '\n';
  if (!generation.failed.empty()) return base::Exit::failed;
  return arguments.on("check") && plan.drifts() ? base::Exit::changes : base::Exit::ok;
}

Outcome run(Context& context, const Arguments& arguments) {
  join::GenerateRequest request{arguments.word("KIND"), arguments.words("SERVICE")};
  if (request.kind.empty()) request.kind = "all";
  request.reads_lock = !arguments.on("stdout");
  const auto update = arguments.maybe("update");
  if (update) {
    if (request.kind != "pipeline" || arguments.on("stdout"))
      return fail(base::fail(base::Code::usage, "--update goes with the kind pipeline, and not with --stdout",
                             "msctl generate pipeline --update")
                      .error());
    context.signals.watch({SIGINT, SIGTERM});
    request.pins =
        *update == "latest" ? join::GenerateRequest::Pins::newest : join::GenerateRequest::Pins::refreshed;
  }
  auto generation = join::generate(context, request);
  if (!generation) return std::unexpected(std::move(generation.error()));
  if (arguments.on("stdout")) return print_files(context, *generation);

  auto plan = generated::make_plan(generation->root, std::move(generation->last.lock),
                                   std::move(generation->files), generation->whole_kinds);
  if (!plan) return fail(std::move(plan.error()));
  plan->lock_changes = plan->lock_changes || generation->last.broken;
  if (auto added = add_pins(*generation, *plan); !added) return fail(std::move(added.error()));
  if (arguments.on("check") || arguments.on("diff")) return show(context, arguments, *plan, *generation);

  if (!update) context.signals.watch({SIGINT, SIGTERM});
  auto applied = generated::apply(generation->root, *plan, [&] { return context.signals.interrupted(); });
  if (!applied) return fail(std::move(applied.error()));
  base::Errors errors = conflicts_of(*plan);
  std::ranges::copy(generation->failed, std::back_inserter(errors));
  const output::Text text = [&](std::ostream& out) {
    if (update)
      for (const Step& step : plan->steps) print_diff(diff_of(step), context.settings.colour_out, out);
    print_steps(context, *plan, out);
  };
  if (errors.empty())
    output::print(context, to_json(*plan, update.has_value(), true), text);
  else
    output::print(context, to_json(*plan, update.has_value(), true), text, errors);
  for (const std::string& note : generation->notes) context.err << "note: " << note << '\n';
  return errors.empty() ? base::Exit::ok : base::Exit::failed;
}

std::string list_of_kinds() {
  std::string out;
  for (const join::Kind& kind : join::kinds()) out += fmt::format("    {:<11} {}\n", kind.name, kind.doc);
  return out;
}

}  // namespace

Command describe_generate() {
  return {
      .path = "generate",
      .section = Section::generate,
      .summary = "write Dockerfiles, Kubernetes manifests, a Helm chart, a Compose file",
      .description =
          "Writes what other tools read, from the workspace:\n\n" + list_of_kinds() +
          "\nWithout a kind it writes all of them; with names of services, only the files of these.\n\n"
          "The files may be edited. `msctl.lock` keeps what was generated last, so that the next time "
          "your edits and the change of the workspace are merged, as git merges two branches: both "
          "stay. Where they meet in the same lines, both stand in the file between markers, and the "
          "command ends with 1. A file that is there and that msctl did not write is left alone. What "
          "the workspace has no more is removed, unless it was edited. Commit `msctl.lock` with the "
          "files: colleagues and pipelines need it to see the same.",
      .arguments = {{.name = "KIND",
                     .kind = Kind::choice,
                     .doc = "what to write; `all` when left out",
                     .required = false,
                     .choices = join::kind_choices()},
                    {.name = "SERVICE",
                     .kind = Kind::service,
                     .doc = "only the files of these services",
                     .required = false,
                     .many = true}},
      .flags = {{.name = "check", .doc = "write nothing; end with 2 if something would be written"},
                {.name = "diff", .doc = "write nothing; show what would change"},
                {.name = "update",
                 .value = "RELEASE",
                 .kind = Kind::choice,
                 .doc = "refresh what pipelines pin, actions and images, and show what that changes; an "
                        "action keeps its major version unless RELEASE is `latest`",
                 .choices = {"compatible", "latest"},
                 .optional = true,
                 .implied = "compatible"},
                {.name = "stdout", .doc = "write nothing; print the files as they are without any edit"}},
      .examples = {{"msctl generate", "writes or brings up to date everything"},
                   {"msctl generate dockerfile orders", "one Dockerfile"},
                   {"msctl generate --check", "in a pipeline: are the files those of the workspace?"},
                   {"msctl generate kubernetes --diff",
                    "what a change of the workspace does to the manifests"},
                   {"msctl generate pipeline --update", "newer actions and images, pinned"},
                   {"msctl generate compose --stdout -o json", "the files, for a program"}},
      .exits = {{base::Exit::ok, "written, or nothing was to do"},
                {base::Exit::failed,
                 "an edit and a change meet in the same lines, a file cannot be written, or, with --update, "
                 "a source of pins did not answer"},
                {base::Exit::changes, "with --check: something would be written"},
                {base::Exit::config, "the workspace has errors, or `msctl.lock` cannot be read"},
                {base::Exit::temporary, "a file was changed by somebody else at the same time"},
                {base::Exit::interrupted, "interrupted; nothing was written"}},
      .run = run};
}

}  // namespace msctl::cli::commands
