#include "cli/cluster/secrets.h"

#include <algorithm>

#include "runtime/secrets/sops/sops.h"
#include "runtime/secrets/variables/variables.h"
#include "runtime/system/processes.h"

namespace msctl::cli::cluster {
namespace {

using workspace::SecretSource;

// A backing service that is somewhere else has no Pods that would read them.
bool is_deployed(const workspace::Service& service) {
  return !service.is_backing() || (service.url.empty() && !service.image.empty());
}

std::vector<secrets::Wanted> wanted_by(const workspace::Workspace& workspace,
                                       const std::vector<std::string>& services) {
  std::vector<secrets::Wanted> out;
  for (const std::string& name : services)
    if (const workspace::Service* service = workspace.find(name);
        service != nullptr && !service->secrets.empty() && is_deployed(*service))
      out.push_back({name, service->secrets});
  return out;
}

std::unique_ptr<secrets::Source> open(Context& context, const SecretSource& source) {
  static system::RealProcesses processes;
  if (source.kind == SecretSource::Kind::sops)
    return std::make_unique<secrets::Sops>(source.file, source.shown, processes, context.terminal.in,
                                           context.signals.descriptor());
  return std::make_unique<secrets::Variables>(
      source.pattern, [&context](const std::string& name) { return context.variable(name); });
}

}  // namespace

std::expected<secrets::Values, base::Errors> secrets_for(Context& context,
                                                         const workspace::Workspace& workspace,
                                                         const std::string& environment,
                                                         const std::vector<std::string>& services) {
  const std::vector<secrets::Wanted> wanted = wanted_by(workspace, services);
  const auto found = std::ranges::find(workspace.environments, environment, &workspace::Environment::name);
  if (wanted.empty() || found == workspace.environments.end() ||
      found->secrets.kind == SecretSource::Kind::cluster)
    return secrets::Values{};
  return open(context, found->secrets)->read(wanted);
}

}  // namespace msctl::cli::cluster
