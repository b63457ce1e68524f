// gateway config: what the gateway is given, as the file that it could be given.
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/join/gateway.h"
#include "cli/output/document.h"
#include "gateway/config/print.h"
#include "runtime/base/yaml/write.h"

namespace msctl::cli::commands {
namespace {

Outcome run(Context& context, const Arguments& arguments) {
  auto config = join::load_gateway(context, arguments.text("config"));
  if (!config) return std::unexpected(std::move(config.error()));
  auto file = gateway::config::to_json(*config);
  output::print(context, {{"config", file}}, [&](std::ostream& out) { out << yaml::write(file); });
  return base::Exit::ok;
}

}  // namespace

Command describe_gateway_config() {
  return {
      .path = "gateway config",
      .section = Section::gateway,
      .summary = "print the workspace's gateway configuration as a file",
      .description =
          "Prints the whole configuration of the workspace's gateway, every service's routes and every "
          "default "
          "among it, as a file that `msctl gateway run --config` takes. The endpoints of its upstreams are "
          "empty: where the replicas listen is known only to a run.",
      .flags = {join::config_flag()},
      .examples = {{"msctl gateway config > gateway.yaml", "for a gateway of its own"},
                   {"msctl gateway config -o json", "the same as a document, under `config`"}},
      .exits = {{base::Exit::config, "the workspace has errors"}},
      .run = run};
}

}  // namespace msctl::cli::commands
