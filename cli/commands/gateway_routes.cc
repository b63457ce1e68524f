// gateway routes: the table of routes, in the order in which they are tried.
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/join/gateway.h"
#include "cli/output/document.h"
#include "cli/output/table.h"
#include "gateway/admin/routes.h"
#include "gateway/router/explain.h"

namespace msctl::cli::commands {
namespace {

Outcome run(Context& context, const Arguments& arguments) {
  auto config = join::load_gateway(context, arguments.text("config"));
  if (!config) return std::unexpected(std::move(config.error()));
  output::Table table{"ROUTE",      "HOST",   "PATH",           "METHODS",
                      "CONDITIONS", "TARGET", "AUTHENTICATION", "RATE LIMIT"};
  auto listed = gateway::router::list(*config);
  for (const gateway::router::Listed& each : listed)
    table.add({each.route, each.host, each.path, each.methods, each.conditions, each.target,
               each.authentication, each.rate_limit});
  output::print(context, gateway::admin::routes_json(*config), [&](std::ostream& out) {
    if (listed.empty())
      out << "no routes\n";
    else
      table.write(out, context.settings.colour_out);
  });
  return base::Exit::ok;
}

}  // namespace

Command describe_gateway_routes() {
  return {.path = "gateway routes",
          .section = Section::gateway,
          .summary = "list the routes, most specific first",
          .description =
              "Lists every route of the workspace's gateway, or of a file's, in the order in which a request "
              "is held "
              "against them: the most specific that fits takes it.",
          .flags = {join::config_flag()},
          .examples = {{"msctl gateway routes", "of the workspace"},
                       {"msctl gateway routes --config gateway.yaml", "of a gateway's own file"}},
          .exits = {{base::Exit::config, "the configuration has errors"}},
          .run = run};
}

}  // namespace msctl::cli::commands
