#include "cli/join/local.h"

#include <algorithm>

#include "cli/arguments.h"
#include "cli/complete/services.h"
#include "cli/flags.h"
#include "runtime/local/control/client.h"
#include "runtime/workspace/load.h"

namespace msctl::cli::join {

Flag run_flag() {
  return {.name = "run", .value = "ID", .doc = "which isolated run, as `msctl run --isolated` named it"};
}

base::Result<std::unique_ptr<release::Orchestrator>> orchestrator(const Context& context,
                                                                  const Arguments& arguments) {
  if (auto local = expect_local(arguments.text("env")); !local) return std::unexpected(local.error());
  auto root = workspace::find_root(context.folder);
  if (!root) return std::unexpected(root.error());
  return std::make_unique<local::LocalClient>(*root, arguments.text("run"));
}

std::vector<std::string> known_services(const Context& context, release::Orchestrator& orchestrator) {
  std::vector<std::string> names = complete::service_names(context.folder);
  if (auto status = orchestrator.status())
    for (const release::ServiceStatus& service : status->services)
      if (std::ranges::find(names, service.name) == names.end()) names.push_back(service.name);
  std::ranges::sort(names);
  return names;
}

base::Result<void> expect_services(const Context& context, release::Orchestrator& orchestrator,
                                   const std::vector<std::string>& names) {
  if (expect_known(names, complete::service_names(context.folder))) return {};
  return expect_known(names, known_services(context, orchestrator));
}

std::string workspace_name(const Context& context) {
  return complete::workspace_name(context.folder);
}

}  // namespace msctl::cli::join
