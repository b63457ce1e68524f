// history: the releases of an environment.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/cluster/canary.h"
#include "cli/cluster/environment.h"
#include "cli/cluster/rollout_view.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/output/colour.h"
#include "cli/output/document.h"
#include "cli/output/table.h"
#include "runtime/kubernetes/lock/lock.h"
#include "runtime/kubernetes/records/records.h"

namespace msctl::cli::commands {
namespace {

using release::Release;
using release::Result;

std::string_view paint(Result result, const output::Palette& palette) {
  if (result == Result::deployed) return palette.green;
  if (result == Result::pending) return palette.yellow;
  return result == Result::interrupted ? palette.dim : palette.red;
}

void write(const std::vector<Release>& releases, int current, bool colours, std::ostream& out) {
  if (releases.empty()) {
    out << "nothing was deployed yet\n";
    return;
  }
  const output::Palette& palette = output::palette(colours);
  output::Table table({">RELEASE", "AT", "BY", "REVISION", "RESULT", "COMMAND"});
  for (const Release& each : releases)
    table.add({fmt::format("{}{}", each.id == current ? "* " : "", each.id),
               each.at.substr(0, each.at.find('.')) + "Z",
               each.by,
               each.revision,
               {std::string(to_string(each.result)), paint(each.result, palette)},
               each.command});
  table.write(out, colours);
  for (const Release& each : releases) {
    if (!each.canary.is_null())
      out << fmt::format("\n{}: canary of {}\n", each.id, cluster::canary_summary(each.canary));
    if (!each.message.empty()) out << fmt::format("\n{}: {} [{}]\n", each.id, each.message, each.code);
  }
}

Outcome run(Context& context, const Arguments& arguments) {
  auto environment = cluster::open_environment(context, arguments.text("env"));
  if (!environment) return std::unexpected(std::move(environment.error()));
  kubernetes::Cluster& there = *environment->cluster;
  auto releases = kubernetes::Records(there, environment->workspace.name).list();
  if (!releases) return fail(releases.error());
  auto lock = kubernetes::look_at_lock(there, kubernetes::lock_name(environment->workspace.name));
  if (!lock) return fail(lock.error().error);

  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Release& each : *releases) list.push_back(cluster::summary(each));
  nlohmann::ordered_json fields{
      {"current", lock->standing.current == 0
                      ? nlohmann::ordered_json(nullptr)
                      : nlohmann::ordered_json(std::to_string(lock->standing.current))},
      {"releases", std::move(list)}};
  output::print(context, fields, [&](std::ostream& out) {
    write(*releases, lock->standing.current, context.settings.colour_out, out);
    if (lock->holder) out << fmt::format("\nlocked by {}\n", lock->holder->text());
  });
  return base::Exit::ok;
}

}  // namespace

Command describe_history() {
  return {
      .path = "history",
      .section = Section::run,
      .summary = "list the releases of an environment",
      .description =
          "Lists what was deployed to an environment, the latest first: when, by whom, of which commit, and "
          "how it ended. The one with `*` is what runs. The last 20 are kept, in the cluster itself.",
      .flags = {cluster_flag()},
      .examples = {{"msctl history -e staging", "for people"},
                   {"msctl history -e staging -o json", "for a program"}},
      .exits = {{base::Exit::unavailable, "the cluster does not answer"}},
      .run = run};
}

}  // namespace msctl::cli::commands
