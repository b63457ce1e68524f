// diff: two releases, field by field.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/cluster/environment.h"
#include "cli/cluster/plan_view.h"
#include "cli/cluster/rollout_view.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/output/document.h"
#include "runtime/kubernetes/lock/lock.h"
#include "runtime/kubernetes/records/records.h"

namespace msctl::cli::commands {
namespace {

using release::Release;

struct Pair {
  int from = 0, to = 0;
};

// What runs, and the release that ran before it.
base::Result<Pair> usual(kubernetes::Cluster& there, kubernetes::Records& records,
                         const std::string& workspace) {
  auto lock = kubernetes::look_at_lock(there, kubernetes::lock_name(workspace));
  if (!lock) return std::unexpected(lock.error().error);
  auto releases = records.list();
  if (!releases) return std::unexpected(releases.error());
  Pair out{0, lock->standing.current};
  for (const Release& each : *releases)
    if (each.id < out.to && each.result == release::Result::deployed) {
      out.from = each.id;
      break;
    }
  return out;
}

base::Result<Pair> numbers(const Arguments& arguments, kubernetes::Cluster& there,
                           kubernetes::Records& records, const std::string& workspace) {
  auto out = usual(there, records, workspace);
  if (!out) return out;
  for (const char* name : {"A", "B"}) {
    const std::vector<std::string> words = arguments.words(name);
    if (words.empty()) continue;
    auto number = cluster::release_number(words.front());
    if (!number) return std::unexpected(number.error());
    (*name == 'A' ? out->from : out->to) = *number;
  }
  if (out->from == 0 || out->to == 0)
    return base::fail(base::Code::noRelease, "there are no two releases to compare",
                      "'msctl history -e ENV' lists them");
  return out;
}

Outcome run(Context& context, const Arguments& arguments) {
  auto environment = cluster::open_environment(context, arguments.text("env"));
  if (!environment) return std::unexpected(std::move(environment.error()));
  kubernetes::Cluster& there = *environment->cluster;
  kubernetes::Records records(there, environment->workspace.name);
  auto pair = numbers(arguments, there, records, environment->workspace.name);
  if (!pair) return fail(pair.error());
  auto from = records.load(pair->from);
  if (!from) return fail(from.error());
  auto to = records.load(pair->to);
  if (!to) return fail(to.error());

  namespace deploying = kubernetes::deploy;
  const deploying::Plan difference =
      deploying::plan(deploying::wanted_of(*to), {}, deploying::objects_of(*from), {});
  output::print(context,
                {{"from", cluster::summary(*from)},
                 {"to", cluster::summary(*to)},
                 {"difference", cluster::to_json(difference)}},
                [&](std::ostream& out) {
                  out << fmt::format("release {} ({}) → release {} ({})\n\n", from->id, from->at, to->id,
                                     to->at);
                  cluster::write(difference, context.settings.colour_out, out);
                });
  return base::Exit::ok;
}

}  // namespace

Command describe_diff() {
  return {.path = "diff",
          .section = Section::run,
          .summary = "show what is different between two releases",
          .description =
              "Compares two releases of an environment, as the cluster has kept them: images, configuration, "
              "routes, bounds. Without B with what runs; without both what runs with the release before it.",
          .arguments = {{.name = "A", .doc = "a release, as `msctl history` numbers them", .required = false},
                        {.name = "B", .doc = "another one", .required = false}},
          .flags = {cluster_flag()},
          .examples = {{"msctl diff -e staging", "what the last deploy has changed"},
                       {"msctl diff 7 9 -e staging", "two of them"}},
          .exits = {{base::Exit::usage, "there is no such release"},
                    {base::Exit::unavailable, "the cluster does not answer"}},
          .run = run};
}

}  // namespace msctl::cli::commands
