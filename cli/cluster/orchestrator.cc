#include "cli/cluster/orchestrator.h"

#include <thread>

#include "cli/cluster/environment.h"
#include "cli/join/local.h"
#include "runtime/kubernetes/operate/operator.h"

namespace msctl::cli::cluster {

std::expected<std::unique_ptr<release::Orchestrator>, base::Errors> orchestrator(Context& context,
                                                                                 const Arguments& arguments) {
  const std::string name = arguments.text("env");
  if (name == "local") {
    auto local = join::orchestrator(context, arguments);
    if (!local) return std::unexpected(base::Errors{local.error()});
    return *std::move(local);
  }
  auto environment = open_environment(context, name);
  if (!environment) return std::unexpected(std::move(environment.error()));
  kubernetes::OperatorOptions options;
  options.workspace = environment->workspace.name;
  options.environment = name;
  options.interrupted = [&context] { return context.signals.interrupted(); };
  options.sleep = [](base::Duration time) { std::this_thread::sleep_for(time); };
  return std::make_unique<kubernetes::Operator>(std::move(environment->cluster), context.clock,
                                                std::move(options));
}

}  // namespace msctl::cli::cluster
