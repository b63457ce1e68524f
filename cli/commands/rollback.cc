// rollback: an earlier release again, from what the cluster has kept of it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>

#include "cli/arguments.h"
#include "cli/cluster/environment.h"
#include "cli/cluster/rollout_view.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "runtime/kubernetes/lock/lock.h"
#include "runtime/kubernetes/records/records.h"

namespace msctl::cli::commands {
namespace {

using release::Release;

// The one before what runs; where a deploy was killed, what ran before it.
base::Result<int> target(const std::vector<Release>& releases, const kubernetes::Standing& standing) {
  if (standing.pending != 0 && standing.current != 0) return standing.current;
  for (const Release& each : releases)
    if (each.id < standing.current && each.result == release::Result::deployed) return each.id;
  return base::fail(base::Code::noRelease, "there is no release before what runs",
                    "'msctl history -e ENV' lists them");
}

// Only these parts of it, beside what runs.
base::Result<void> restrict_to(Release& release, const std::vector<std::string>& services) {
  for (const std::string& service : services)
    if (release.find(service) == nullptr)
      return base::fail(base::Code::unknownName, fmt::format("release {} has no {}", release.id, service));
  std::erase_if(release.parts, [&](const release::Part& part) {
    return std::ranges::find(services, part.name) == services.end();
  });
  return {};
}

Outcome run(Context& context, const Arguments& arguments) {
  auto environment = cluster::open_environment(context, arguments.text("env"));
  if (!environment) return std::unexpected(std::move(environment.error()));
  kubernetes::Cluster& there = *environment->cluster;
  kubernetes::Records records(there, environment->workspace.name);
  base::Result<int> id = 0;
  if (arguments.given("to")) {
    id = cluster::release_number(arguments.text("to"));
  } else {
    auto lock = kubernetes::look_at_lock(there, kubernetes::lock_name(environment->workspace.name));
    if (!lock) return fail(lock.error().error);
    auto releases = records.list();
    if (!releases) return fail(releases.error());
    id = target(*releases, lock->standing);
  }
  if (!id) return fail(id.error());
  auto release = records.load(*id);
  if (!release) return fail(release.error());

  const std::vector<std::string> services = arguments.words("SERVICE");
  if (auto some = services.empty() ? base::Result<void>{} : restrict_to(*release, services); !some)
    return fail(some.error());
  if (!services.empty()) release->services = services;
  release->command = services.empty() ? fmt::format("rollback --to {}", *id)
                                      : fmt::format("rollback {} --to {}", fmt::join(services, " "), *id);
  release->code.clear();
  release->message.clear();
  release->rolled_back_to = 0;
  release->ended.clear();
  release->timeline.clear();
  release->canary = nullptr;
  context.signals.watch({SIGINT, SIGTERM});
  return cluster::carry_out(context, arguments, there, *std::move(release), services.empty());
}

}  // namespace

Command describe_rollback() {
  std::vector<Flag> flags{cluster_flag(),
                          {.name = "to",
                           .value = "RELEASE",
                           .doc = "which one, as `msctl history` numbers them (default: the one before)"}};
  for (Flag& flag : cluster::rollout_flags()) flags.push_back(std::move(flag));
  flags.push_back(progress_flag());
  return {
      .path = "rollback",
      .section = Section::run,
      .summary = "put an earlier release back into a cluster",
      .description =
          "Deploys an earlier release again: its images, configuration, routes and bounds, as the cluster "
          "has kept them. Neither its sources nor the machine that it was deployed from are needed. It "
          "becomes a release of its own; rolling that back goes forward again.",
      .arguments = {services_argument("only these services of it")},
      .flags = std::move(flags),
      .examples = {{"msctl rollback -e staging", "to the release before"},
                   {"msctl rollback -e staging --to 12", "to that one"},
                   {"msctl rollback orders -e staging", "orders alone"}},
      .exits = {{base::Exit::failed, "it did not become ready"},
                {base::Exit::usage, "there is no such release"},
                {base::Exit::temporary, "somebody else is deploying"},
                {base::Exit::interrupted, "interrupted"}},
      .run = run};
}

}  // namespace msctl::cli::commands
