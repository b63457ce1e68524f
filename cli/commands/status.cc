// status: what runs, and why what does not run does not.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/join/local.h"
#include "cli/output/colour.h"
#include "cli/output/document.h"
#include "cli/output/table.h"

namespace msctl::cli::commands {
namespace {

using release::State;

std::string_view paint(State state, const output::Palette& palette) {
  switch (state) {
    case State::ready:
      return palette.green;
    case State::failed:
    case State::backoff:
      return palette.red;
    case State::unready:
      return palette.yellow;
    default:
      return palette.dim;
  }
}

void write_table(const release::Status& status, bool replicas, bool colours, std::ostream& out) {
  const output::Palette& palette = output::palette(colours);
  out << fmt::format("{} at {}\n\n", status.workspace, status.gateway.url);
  output::Table table({"NAME", "STATE", ">READY", ">RESTARTS", ">PORT", ">PID"});
  for (const release::ServiceStatus& service : status.services) {
    int restarts = 0;
    for (const release::ReplicaStatus& replica : service.replicas) restarts += replica.restarts;
    table.add({service.name,
               {std::string(to_string(service.state)), paint(service.state, palette)},
               fmt::format("{}/{}", service.ready, service.desired),
               std::to_string(restarts),
               "",
               ""});
    if (!replicas) continue;
    for (const release::ReplicaStatus& replica : service.replicas)
      table.add({"  " + replica.id,
                 {std::string(to_string(replica.state)), paint(replica.state, palette)},
                 "",
                 std::to_string(replica.restarts),
                 std::to_string(replica.port),
                 replica.pid > 0 ? std::to_string(replica.pid) : ""});
  }
  table.write(out, colours);
}

// What keeps services from being ready, with code and reason.
void write_reasons(const release::Status& status, bool colours, std::ostream& out) {
  const output::Palette& palette = output::palette(colours);
  for (const release::ServiceStatus& service : status.services)
    for (const release::Condition& condition : service.conditions)
      if (!condition.status && !condition.message.empty())
        out << fmt::format("\n{}{}{}: {}{}\n", palette.bold, service.name, palette.reset, condition.message,
                           condition.code.empty() ? "" : fmt::format(" [{}]", condition.code));
}

Outcome run(Context& context, const Arguments& arguments) {
  auto orchestrator = join::orchestrator(context, arguments);
  if (!orchestrator) return fail(orchestrator.error());
  auto status = (*orchestrator)->status();
  if (!status) return fail(status.error());
  std::vector<std::string> names = arguments.words("SERVICE");
  std::vector<std::string> known;
  for (const release::ServiceStatus& service : status->services) known.push_back(service.name);
  if (!status->running) {
    status->workspace = join::workspace_name(context);
    known = join::known_services(context, **orchestrator);
  }
  if (auto checked = expect_known(names, known); !checked) return fail(checked.error());
  if (!names.empty())
    std::erase_if(status->services, [&](const release::ServiceStatus& service) {
      return std::ranges::find(names, service.name) == names.end();
    });
  output::print(context, release::to_json(*status), [&](std::ostream& out) {
    if (!status->running) {
      out << "not running; 'msctl run' starts it\n";
      return;
    }
    write_table(*status, true, context.settings.colour_out, out);
    write_reasons(*status, context.settings.colour_out, out);
  });
  return base::Exit::ok;
}

}  // namespace

Command describe_status() {
  return {.path = "status",
          .section = Section::run,
          .summary = "show the services, their replicas and what is wrong",
          .description =
              "Shows every service with its state, how many replicas are ready of those desired, and for "
              "what is not ready the reason with its code. Without a run it says so, with status 0.",
          .arguments = {services_argument("only these")},
          .flags = {environment_flag(), join::run_flag()},
          .examples = {{"msctl status", "everything"},
                       {"msctl status orders -o json", "one service, for a program"}},
          .run = run};
}

}  // namespace msctl::cli::commands
