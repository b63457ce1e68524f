// affected: the services that a change affects, and why.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/join/affected.h"
#include "cli/output/document.h"
#include "cli/output/table.h"

namespace msctl::cli::commands {
namespace {

using graph::Affected;
using graph::Cause;

nlohmann::ordered_json to_json(const Cause& cause) {
  const bool is_path = cause.kind == Cause::Kind::file || cause.kind == Cause::Kind::uses;
  return {{"kind", graph::kind_name(cause.kind)}, {is_path ? "path" : "key", cause.what}};
}

nlohmann::ordered_json to_json(const graph::Base& base, const graph::Verdict& verdict) {
  nlohmann::ordered_json services = nlohmann::ordered_json::array();
  for (const Affected& each : verdict.services) {
    nlohmann::ordered_json because = nlohmann::ordered_json::array();
    for (const Cause& cause : each.because) because.push_back(to_json(cause));
    services.push_back({{"service", each.service}, {"because", std::move(because)}});
  }
  return {{"base", base.commit}, {"affected", std::move(services)}, {"unowned", verdict.unowned}};
}

std::string in_words(const Cause& cause) {
  switch (cause.kind) {
    case Cause::Kind::file:
      return cause.what;
    case Cause::Kind::uses:
      return fmt::format("{} (shared)", cause.what);
    case Cause::Kind::key:
      return fmt::format("{} in msctl.yaml", cause.what);
    case Cause::Kind::need:
      return fmt::format("needs {}", cause.what);
  }
  return {};
}

// One line a service, with its first cause; or all causes.
void print(std::ostream& out, const graph::Base& base, const graph::Verdict& verdict, bool explain) {
  if (verdict.services.empty()) out << join::none_affected(base) << '\n';
  output::Table table({"SERVICE", "BECAUSE"});
  for (const Affected& each : verdict.services) {
    const std::size_t shown = explain ? each.because.size() : 1;
    for (std::size_t i = 0; i < shown; ++i) {
      const std::size_t more = each.because.size() - shown;
      table.add({i == 0 ? each.service : "",
                 in_words(each.because[i]) + (more > 0 ? fmt::format(", and {} more", more) : "")});
    }
  }
  if (!verdict.services.empty()) table.write(out, false);
  if (!explain || verdict.unowned.empty()) return;
  out << "\nof no service:\n";
  for (const std::string& path : verdict.unowned) out << "  " << path << '\n';
}

Outcome run(Context& context, const Arguments& arguments) {
  auto compared = join::compare_workspace(context, arguments.text("base"));
  if (!compared) return std::unexpected(std::move(compared.error()));
  output::print(context, to_json(compared->base, compared->verdict), [&](std::ostream& out) {
    print(out, compared->base, compared->verdict, arguments.on("explain"));
  });
  return base::Exit::ok;
}

}  // namespace

Command describe_affected() {
  return {
      .path = "affected",
      .section = Section::generate,
      .summary = "tell which services a change affects, and why",
      .description =
          "Compares the working tree with a revision, staged or not, new files included and ignored ones "
          "not, and "
          "names the services that are affected: by a file in their folder, by one in a folder that they "
          "name "
          "under `uses`, by a key of msctl.yaml that matters to them (a provider that their routes ask for, "
          "a "
          "default that they do not override), or because they need a service that is affected, which "
          "concerns "
          "their integration tests only.\n\n"
          "Without `--base` the revision is where HEAD and origin's own branch have parted. No program is "
          "run, git "
          "included; the repository is read by libgit2.",
      .flags = {{.name = "base", .value = "REVISION", .doc = "the commit, tag or branch to compare with"},
                {.name = "explain", .doc = "every cause, and what has changed without being of a service"}},
      .examples = {{"msctl affected", "by this branch, and what is not yet committed"},
                   {"msctl affected --base HEAD~1 --explain", "by the last commit, with every cause"},
                   {"msctl affected --base v1.2 -o json", "for a script"}},
      .exits = {{base::Exit::ok, "told, also where no service is affected"},
                {base::Exit::usage, "there is no such revision, or none to compare with"},
                {base::Exit::config, "the workspace has errors"},
                {base::Exit::unavailable, "no git repository, or a clone too shallow"}},
      .run = run};
}

}  // namespace msctl::cli::commands
