// gateway check: every error of the gateway's configuration.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/join/gateway.h"
#include "cli/output/document.h"
#include "cli/output/table.h"

namespace msctl::cli::commands {
namespace {

Outcome run(Context& context, const Arguments& arguments) {
  auto config = join::load_gateway(context, arguments.text("config"));
  if (!config) return std::unexpected(std::move(config.error()));
  nlohmann::ordered_json fields{{"listeners", config->listeners.size()},
                                {"routes", config->routes.size()},
                                {"upstreams", config->upstreams.size()}};
  output::print(context, fields, [&](std::ostream& out) {
    out << fmt::format(
        "gateway: {}, {}, {}, no errors\n", output::count(config->listeners.size(), "listener"),
        output::count(config->routes.size(), "route"), output::count(config->upstreams.size(), "upstream"));
  });
  return base::Exit::ok;
}

}  // namespace

Command describe_gateway_check() {
  return {
      .path = "gateway check",
      .section = Section::gateway,
      .summary = "find every error in the gateway's configuration",
      .description =
          "Tells all errors of the gateway's file at once, each with its place and its cure: what "
          "`msctl gateway run` would refuse. Without --config it reads the workspace, as `msctl check` does.",
      .flags = {join::config_flag()},
      .examples = {{"msctl gateway check --config gateway.yaml", "before it is put in place"}},
      .exits = {{base::Exit::ok, "no errors"}, {base::Exit::config, "there are errors"}},
      .run = run};
}

}  // namespace msctl::cli::commands
