// restart: new processes, one replica after the other.
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/cluster/orchestrator.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/join/local.h"
#include "cli/output/document.h"

namespace msctl::cli::commands {
namespace {

Outcome run(Context& context, const Arguments& arguments) {
  auto orchestrator = cluster::orchestrator(context, arguments);
  if (!orchestrator) return std::unexpected(std::move(orchestrator.error()));
  std::vector<std::string> names = arguments.words("SERVICE");
  if (auto checked = join::expect_services(context, **orchestrator, names); !checked)
    return fail(checked.error());
  if (auto done = (*orchestrator)->restart(names); !done) return fail(done.error());
  output::print(context, {{"restarted", names}}, [&](std::ostream& out) {
    out << (names.empty() ? "all services are being restarted\n" : "being restarted\n");
  });
  return base::Exit::ok;
}

}  // namespace

Command describe_restart() {
  return {.path = "restart",
          .section = Section::run,
          .summary = "start services anew",
          .description =
              "Ends the processes of the services and starts new ones, one replica after the other, the next "
              "when the one before is ready. What failed for good is tried again, its build included.",
          .arguments = {services_argument("only these")},
          .flags = {environment_flag(), join::run_flag()},
          .examples = {{"msctl restart orders && msctl wait orders",
                        "restart, and wait until it is ready again"}},
          .exits = {{base::Exit::unavailable, "the workspace is not running"}},
          .run = run};
}

}  // namespace msctl::cli::commands
