#include "cli/cluster/environment.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/join/workspace.h"
#include "runtime/base/names.h"
#include "runtime/kubernetes/api/client.h"
#include "runtime/kubernetes/connection/connection.h"
#include "runtime/kubernetes/kubeconfig/kubeconfig.h"
#include "runtime/system/files.h"
#include "runtime/system/processes.h"

namespace msctl::cli::cluster {

namespace {

namespace kubeconfig = kubernetes::kubeconfig;

// Errors: noCluster, with the environments that there are.
base::Result<const workspace::Environment*> find_environment(const workspace::Workspace& workspace,
                                                             const std::string& name) {
  std::vector<std::string> names;
  for (const workspace::Environment& each : workspace.environments) {
    if (each.name == name && each.kubernetes_context.empty())
      return base::fail(base::Code::noCluster,
                        fmt::format("the environment '{}' says nothing of a cluster", name),
                        fmt::format("environments: {{{}: {{kubernetes: {{context: …, namespace: {}}}}}}}",
                                    name, workspace.name));
    if (each.name == name) return &each;
    names.push_back(each.name);
  }
  auto error = base::fail(base::Code::noCluster,
                          name == "local" ? "the run on this machine is no cluster: 'msctl run' starts it"
                                          : fmt::format("msctl.yaml has no environment '{}'", name),
                          base::did_you_mean(name, names));
  error.error().expected = base::either(names);
  return error;
}

// Where its objects are: as stated, or the workspace's name.
std::string space_of(const workspace::Workspace& workspace, const workspace::Environment& environment) {
  return environment.kubernetes_namespace.empty() ? workspace.name : environment.kubernetes_namespace;
}

const system::RealFiles& files() {
  static const system::RealFiles all;
  return all;
}

base::Result<kubeconfig::Access> find_access(Context& context, const std::string& name) {
  return kubeconfig::find({.variable = [&](const std::string& each) { return context.variable(each); },
                           .files = files(),
                           .folder = context.folder},
                          name);
}

base::Result<std::unique_ptr<kubernetes::Cluster>> open(Context& context, kubeconfig::Access access,
                                                        const std::shared_ptr<Interruption>& interruption) {
  static system::RealProcesses processes;
  kubernetes::api::Options options;
  options.limits.interrupted = [interruption] { return interruption->came(); };
  options.warning = [&context](const std::string& text) { context.err << "warning: " << text << '\n'; };
  auto client = kubernetes::api::Client::connect(
      access,
      {.files = files(), .processes = processes, .clock = context.clock, .terminal = context.terminal.in},
      std::move(options));
  if (!client) return std::unexpected(client.error());
  return std::make_unique<kubernetes::Connection>(*std::move(client), access.space);
}

}  // namespace

std::expected<Environment, base::Errors> open_environment(Context& context, const std::string& name) {
  auto workspace = join::load_workspace(context, name);
  if (!workspace) return std::unexpected(std::move(workspace.error()));
  auto environment = find_environment(*workspace, name);
  if (!environment) return fail(environment.error());
  auto access = find_access(context, (*environment)->kubernetes_context);
  if (!access) return fail(access.error());
  access->space = space_of(*workspace, **environment);
  Environment out{{}, access->space, std::make_shared<Interruption>(context.signals), {}};
  auto cluster = open(context, *std::move(access), out.interruption);
  if (!cluster) return fail(cluster.error());
  out.workspace = *std::move(workspace);
  out.cluster = *std::move(cluster);
  return out;
}

base::Result<std::unique_ptr<kubernetes::Cluster>> connect_from_within(Context& context,
                                                                       const std::string& space) {
  auto access = find_access(context, {});
  if (!access) return std::unexpected(access.error());
  if (!space.empty()) access->space = space;
  return open(context, *std::move(access), std::make_shared<Interruption>(context.signals));
}

}  // namespace msctl::cli::cluster
