// wait: until services are ready, or stopped.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/cluster/orchestrator.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/join/local.h"
#include "cli/output/document.h"
#include "runtime/base/units.h"

namespace msctl::cli::commands {
namespace {

// "orders: 1/2 ready; orders-1 is not ready: GET /health/ready answers 503", for each service that keeps
// waiting.
std::vector<std::string> what_is_missing(release::Orchestrator& orchestrator,
                                         const std::vector<std::string>& names) {
  std::vector<std::string> out;
  auto status = orchestrator.status();
  if (!status) return out;
  for (const release::ServiceStatus& service : status->services) {
    if (!names.empty() && std::ranges::find(names, service.name) == names.end()) continue;
    for (const release::Condition& condition : service.conditions)
      if (condition.type == "Ready" && !condition.status)
        out.push_back(fmt::format("{}: {}/{} ready{}{}", service.name, service.ready, service.desired,
                                  condition.message.empty() ? "" : "; ", condition.message));
  }
  return out;
}

Outcome run(Context& context, const Arguments& arguments) {
  auto orchestrator = cluster::orchestrator(context, arguments);
  if (!orchestrator) return std::unexpected(std::move(orchestrator.error()));
  std::vector<std::string> names = arguments.words("SERVICE");
  if (auto checked = join::expect_services(context, **orchestrator, names); !checked)
    return fail(checked.error());
  std::string state = arguments.text("for");
  auto what = state == "stopped" ? release::WaitFor::stopped : release::WaitFor::ready;
  base::Duration timeout =
      arguments.given("timeout") ? arguments.duration("timeout") : std::chrono::hours{24 * 365};
  auto done = (*orchestrator)->wait(names, what, timeout);
  if (!done && done.error().code == base::Code::waitTimeout) {
    base::Error error = done.error();
    error.message = fmt::format("not {} after {}", state, base::to_string(timeout));
    error.suggestion = "msctl status";
    if (what == release::WaitFor::ready) error.notes = what_is_missing(**orchestrator, names);
    return fail(std::move(error));
  }
  if (!done) return fail(done.error());
  output::print(context, {{"reached", state}, {"services", names}},
                [&](std::ostream& out) { out << fmt::format("{}\n", state); });
  return base::Exit::ok;
}

}  // namespace

Command describe_wait() {
  return {.path = "wait",
          .section = Section::run,
          .summary = "wait until services are ready, or stopped",
          .description =
              "Ready means that as many replicas are ready as are desired. It ends at once when it can never "
              "come true.",
          .arguments = {services_argument("only these")},
          .flags = {environment_flag(),
                    {.name = "for",
                     .value = "STATE",
                     .kind = Kind::choice,
                     .doc = "what to wait for",
                     .fallback = "ready",
                     .choices = {"ready", "stopped"}},
                    {.name = "timeout",
                     .value = "DURATION",
                     .kind = Kind::duration,
                     .doc = "how long at most; without it, for ever"},
                    join::run_flag()},
          .examples = {{"msctl wait", "until everything is ready"},
                       {"msctl wait orders --timeout 30s", "until orders is, but not longer than that"}},
          .exits = {{base::Exit::failed, "it can never come true: a service failed for good"},
                    {base::Exit::unavailable, "the workspace is not running"},
                    {base::Exit::temporary, "timed out"}},
          .run = run};
}

}  // namespace msctl::cli::commands
