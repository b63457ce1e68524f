// init: a repository of services that msctl did not write becomes a workspace.
#include <fmt/format.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/join/adoption.h"
#include "cli/join/ask.h"
#include "cli/output/document.h"
#include "cli/output/table.h"
#include "scaffolds/files.h"

namespace msctl::cli::commands {
namespace {

enum class Decision { write, show, refused };

base::Result<Decision> decide(Context& context, const Arguments& arguments, const join::Adoption& adoption) {
  if (adoption.proposal.files.empty() || arguments.on("dry-run")) return Decision::show;
  if (arguments.on("yes")) return Decision::write;
  // A document is one whole: nobody could read the proposal before the question.
  if (context.settings.format != Format::table || !join::can_ask(context)) return Decision::show;
  join::print(adoption, context.settings.colour_out, context.out);
  context.out.flush();
  auto answer = join::ask(
      context, fmt::format("\nwrite {}? [y/N] ", output::count(adoption.proposal.files.size(), "file")));
  if (!answer) return std::unexpected(std::move(answer.error()));
  return *answer == "y" || *answer == "Y" || *answer == "yes" ? Decision::write : Decision::refused;
}

base::Result<void> write(Context& context, const join::Adoption& adoption) {
  std::vector<scaffolds::FileAt> files;
  for (const auto& file : adoption.proposal.files)
    files.push_back({adoption.root + "/" + file.path, file.content});
  return scaffolds::place_files(files, [&] { return context.signals.interrupted(); });
}

void tell(const join::Adoption& adoption, std::ostream& out) {
  for (const auto& file : adoption.proposal.files) out << fmt::format("wrote {}\n", file.path);
  out << "next: msctl check && msctl run\n";
}

Outcome run(Context& context, const Arguments& arguments) {
  auto adoption = join::look_around(context);
  if (!adoption) return std::unexpected(std::move(adoption.error()));
  auto decision = decide(context, arguments, *adoption);
  if (!decision) return fail(std::move(decision.error()));
  const bool asked = context.settings.format == Format::table && !arguments.on("yes") &&
                     !arguments.on("dry-run") && *decision != Decision::show;
  if (*decision == Decision::refused) {
    context.err << "nothing was written\n";
    return base::Exit::failed;
  }
  if (*decision == Decision::write)
    if (auto written = write(context, *adoption); !written) return fail(std::move(written.error()));

  nlohmann::ordered_json document = join::to_json(*adoption);
  document["written"] = *decision == Decision::write;
  output::print(context, document, [&](std::ostream& out) {
    if (!asked) join::print(*adoption, context.settings.colour_out, out);
    if (*decision != Decision::write) return;
    if (!asked) out << '\n';
    tell(*adoption, out);
  });
  if (*decision == Decision::write || arguments.on("dry-run") || adoption->proposal.files.empty())
    return base::Exit::ok;
  if (context.settings.format == Format::table)
    context.err << "nothing was written: this is no terminal to ask on; --yes writes\n";
  return base::Exit::changes;
}

}  // namespace

Command describe_init() {
  return {
      .path = "init",
      .section = Section::start,
      .summary = "make a workspace of a repository that has services already",
      .description =
          "Looks for services below the current folder: programs of the languages that msctl knows (a "
          "`go.mod` "
          "with a main package, a `package.json` with a start script, a `pom.xml`, a `Cargo.toml`, …), "
          "Dockerfiles that "
          "run something, and builds of a Compose file. It proposes `msctl.yaml` and one `service.yaml` for "
          "each, and "
          "tells for every finding the file and line that it comes from. Libraries, tests, what git ignores "
          "and what "
          "builds make are left out. Nothing is changed without a yes, and no file that exists is ever "
          "written to.\n\n"
          "A service's commands are those of its project: the scripts of package.json, targets of a "
          "Makefile, the "
          "command of its image, or what is usual in its language. Where the image listens is taken from "
          "EXPOSE, from "
          "`ports` and `environment` of the Compose file, and from `.env`; msctl gives each replica a port "
          "of its own, "
          "as PORT, and warns of a service that does not seem to read it. Needs, backing services and "
          "variables come "
          "from the Compose file. The value of a variable that looks like a secret is never copied: its name "
          "is listed "
          "under `secrets`.\n\n"
          "In a workspace, services that have no service.yaml yet are added. After an error or Ctrl-C "
          "everything is as "
          "before.",
      .flags = {{.name = "yes", .letter = 'y', .doc = "write without asking"},
                {.name = "dry-run", .doc = "show what would be written, and write nothing"}},
      .examples = {{"msctl init", "shows what is found, and asks"},
                   {"msctl init --dry-run -o json", "services, findings with their places, and the files"},
                   {"msctl init --yes && msctl run", "from a clone to running services"}},
      .exits = {{base::Exit::ok, "written; or shown, with --dry-run"},
                {base::Exit::failed,
                 "no service is found, all have a service.yaml already, a file cannot be written, or the "
                 "answer was no"},
                {base::Exit::changes,
                 "there is something to write, and nobody to ask: neither a terminal nor --yes"},
                {base::Exit::interrupted, "interrupted; nothing was written"}},
      .run = run};
}

}  // namespace msctl::cli::commands
