// deploy: a release of the workspace, or of some of its services, into an environment's cluster.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/cluster/canary.h"
#include "cli/cluster/environment.h"
#include "cli/cluster/images.h"
#include "cli/cluster/plan_view.h"
#include "cli/cluster/rendering.h"
#include "cli/cluster/rollout_view.h"
#include "cli/cluster/secrets.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/output/document.h"
#include "runtime/kubernetes/deploy/deploy.h"

namespace msctl::cli::commands {
namespace {

namespace deploying = kubernetes::deploy;
using Canary = std::optional<kubernetes::canary::Request>;

std::vector<std::string> own_services(const workspace::Workspace& workspace,
                                      const std::vector<std::string>& asked) {
  std::vector<std::string> out;
  for (const workspace::Service& service : workspace.services)
    if (!service.is_backing() && (asked.empty() || std::ranges::find(asked, service.name) != asked.end()))
      out.push_back(service.name);
  return out;
}

std::string command_text(const std::vector<std::string>& services, const Canary& canary) {
  return (services.empty() ? "deploy" : fmt::format("deploy {}", fmt::join(services, " "))) +
         cluster::canary_text(canary);
}

std::expected<release::Release, base::Errors> release_of(Context& context, const Arguments& arguments,
                                                         const workspace::Workspace& workspace,
                                                         const std::string& space, const Canary& canary) {
  const std::vector<std::string> asked = arguments.words("SERVICE");
  cluster::ImageRequest wanted;
  wanted.environment = arguments.text("env");
  wanted.services = own_services(workspace, asked);
  if (arguments.given("tag")) wanted.tag = arguments.text("tag");
  if (arguments.given("images")) wanted.file = context.path(arguments.text("images"));
  wanted.push = !arguments.on("plan");
  wanted.progress = arguments.text("progress");
  wanted.verbose = arguments.on("verbose");
  auto images = cluster::images_for(context, workspace, wanted);
  if (!images) return std::unexpected(std::move(images.error()));
  auto release = cluster::render({.workspace = workspace,
                                  .environment = arguments.text("env"),
                                  .space = space,
                                  .services = asked,
                                  .images = images->services,
                                  .gateway_image = images->gateway,
                                  .command = command_text(asked, canary)});
  if (!release) return std::unexpected(base::Errors{release.error()});
  return *std::move(release);
}

Outcome show_plan(Context& context, const Arguments& arguments, kubernetes::Cluster& cluster,
                  release::Release release, const deploying::Options& options) {
  const bool whole = arguments.words("SERVICE").empty();
  auto found = deploying::preview(cluster, std::move(release), whole, options.canary, options.secrets);
  if (!found) return std::unexpected(std::move(found.error()));
  nlohmann::ordered_json fields{{"plan", cluster::to_json(found->plan)}};
  if (!found->canary.is_null()) fields["canary"] = nlohmann::ordered_json::parse(found->canary.dump());
  output::print(context, fields, [&](std::ostream& out) {
    cluster::write(found->plan, context.settings.colour_out, out);
    if (found->canary.is_null()) return;
    out << "\nBefore any of it: ";
    cluster::write_canary(found->canary, context.settings.colour_out, out);
  });
  return arguments.on("exit-code") && found->plan.has_changes() ? base::Exit::changes : base::Exit::ok;
}

Outcome run(Context& context, const Arguments& arguments) {
  if (arguments.on("exit-code") && !arguments.on("plan"))
    return fail(base::fail(base::Code::usage, "--exit-code goes with --plan").error());
  if (arguments.given("images") && arguments.given("tag"))
    return fail(base::fail(base::Code::usage, "--images and --tag each name the images: give one").error());
  auto canary = cluster::canary_request(arguments);
  if (!canary) return fail(canary.error());
  auto environment = cluster::open_environment(context, arguments.text("env"));
  if (!environment) return std::unexpected(std::move(environment.error()));
  const std::vector<std::string> asked = arguments.words("SERVICE");
  if (auto known = expect_known(asked, environment->workspace.service_names()); !known)
    return fail(known.error());

  context.signals.watch({SIGINT, SIGTERM});
  auto secrets = cluster::secrets_for(context, environment->workspace, arguments.text("env"),
                                      asked.empty() ? environment->workspace.service_names() : asked);
  if (!secrets) return std::unexpected(std::move(secrets.error()));
  auto release = release_of(context, arguments, environment->workspace, environment->space, *canary);
  if (!release) return std::unexpected(std::move(release.error()));
  deploying::Options options;
  options.canary = *std::move(canary);
  options.secrets = *std::move(secrets);
  if (arguments.on("plan"))
    return show_plan(context, arguments, *environment->cluster, *std::move(release), options);
  return cluster::carry_out(context, arguments, *environment, *std::move(release), asked.empty(),
                            std::move(options));
}

}  // namespace

Command describe_deploy() {
  std::vector<Flag> flags{
      cluster_flag(),
      {.name = "plan", .doc = "change nothing; show what would be changed, field by field"},
      {.name = "exit-code", .doc = "with --plan: end with 2 if something would be changed"},
      {.name = "images",
       .value = "FILE",
       .kind = Kind::file,
       .doc = "the images that `msctl build --push --file-output FILE` has told, instead of building"},
      {.name = "tag",
       .value = "TAG",
       .doc = "the images that `msctl build --push --tag TAG` has pushed, instead of building"}};
  for (Flag& flag : cluster::canary_flags()) flags.push_back(std::move(flag));
  for (Flag& flag : cluster::rollout_flags()) flags.push_back(std::move(flag));
  flags.push_back(verbose_flag());
  flags.push_back(progress_flag());
  return {
      .path = "deploy",
      .section = Section::run,
      .summary = "put services into a cluster, and wait until they are ready",
      .description =
          "Makes a release of the workspace, or of the named services, and puts it into the cluster of "
          "an environment: `environments.ENV.kubernetes` in msctl.yaml. Images are built and pushed "
          "where neither `--images` nor `--tag` names them; with `--plan` they are built, and stay here. "
          "The cluster is found in the kubeconfig as kubectl finds it, or in the text of one in "
          "MSCTL_KUBECONFIG.\n\n"
          "One command at a time changes an environment. Everything is first tried out by the cluster "
          "itself, and nothing is applied if any part of it fails there. What a service needs is ready "
          "before it; services that do not wait for each other go at the same time. A release that "
          "certainly will not become ready is not waited for: what is wrong is told, and what ran before "
          "runs again, images, configuration, routes and bounds.\n\n"
          "A command that is killed loses nothing: the next `msctl deploy` goes on from what is there, "
          "`msctl rollback` goes back. What the workspace has no more is removed; what may hold data, "
          "only with `--yes` or when you say so.\n\n"
          "With `--canary 5,25,50,100` the new version of each service that the gateway has a route to runs "
          "beside the one that runs, and gets 5 % of its requests there, then 25 %, and so on. Each share is "
          "watched for `--interval`. If the new version fails more often or is slower, by more than chance "
          "explains, all requests go back at once and the release ends as failed; if that cannot be told, "
          "too. "
          "Only then comes the rollout. Services without a route are rolled out as ever, after that.",
      .arguments = {services_argument("services to deploy; the whole workspace without")},
      .flags = std::move(flags),
      .examples = {{"msctl deploy -e staging", "everything"},
                   {"msctl deploy orders -e staging", "one service; the others stay as they are"},
                   {"msctl deploy orders -e production --canary 5,25,50,100 --interval 5m",
                    "a new version, with a growing share of the traffic"},
                   {"msctl deploy -e staging --plan --exit-code", "in a pipeline: would it change anything?"},
                   {"msctl deploy -e staging --images images.json", "what another job has built"},
                   {"msctl deploy orders -e production --tag v1.4", "what is at the registry already"}},
      .exits = {{base::Exit::failed, "the release failed; what ran before runs again"},
                {base::Exit::changes, "with --plan --exit-code: something would be changed"},
                {base::Exit::config, "the workspace or the kubeconfig has errors"},
                {base::Exit::unavailable, "the cluster or the registry does not answer"},
                {base::Exit::temporary, "somebody else is deploying"},
                {base::Exit::interrupted, "interrupted; `msctl deploy` finishes, `msctl rollback` undoes"}},
      .run = run};
}

}  // namespace msctl::cli::commands
