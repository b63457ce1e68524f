// stop: the end of services, or of the run.
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/join/local.h"
#include "cli/output/document.h"

namespace msctl::cli::commands {
namespace {

Outcome run(Context& context, const Arguments& arguments) {
  auto orchestrator = join::orchestrator(context, arguments);
  if (!orchestrator) return fail(orchestrator.error());
  auto status = (*orchestrator)->status();
  std::vector<std::string> names = arguments.words("SERVICE");
  if (auto checked = join::expect_services(context, **orchestrator, names); !checked)
    return fail(checked.error());
  bool running = !status || status->running;
  // Also without a run: what a killed one left is ended.
  if (running || names.empty())
    if (auto done = (*orchestrator)->stop(names); !done) return fail(done.error());
  output::print(context, {{"wasRunning", running}, {"stopped", names}}, [&](std::ostream& out) {
    out << (running ? "stopped\n" : "not running: nothing to stop\n");
  });
  return base::Exit::ok;
}

}  // namespace

Command describe_stop() {
  return {
      .path = "stop",
      .section = Section::run,
      .summary = "stop services, or the whole run",
      .description =
          "Without names it ends the run, services in reverse order of their needs, and returns when every "
          "process is gone. With names it stops these services; the run goes on. Without a run it says so, "
          "with status 0.",
      .arguments = {services_argument("only these")},
      .flags = {environment_flag(), join::run_flag()},
      .examples = {{"msctl stop", "end the run"},
                   {"msctl stop orders", "only orders; `msctl restart orders` brings it back"}},
      .run = run};
}

}  // namespace msctl::cli::commands
