// status: what runs, and why what does not run does not.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>
#include <utility>

#include "cli/arguments.h"
#include "cli/cluster/orchestrator.h"
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

int restarts_of(const release::ServiceStatus& service) {
  int out = 0;
  for (const release::ReplicaStatus& replica : service.replicas) out += replica.restarts;
  return out;
}

// "250 ms", "1.5 s".
std::string time_text(double seconds) {
  return seconds < 1 ? fmt::format("{:.3g} ms", seconds * 1000) : fmt::format("{:.3g} s", seconds);
}

void write_cluster_table(const release::Status& status, bool colours, std::ostream& out) {
  const output::Palette& palette = output::palette(colours);
  output::Table table({"NAME", "STATE", ">READY", ">RESTARTS", ">REQ/S", ">5XX/S", ">P50", ">P95", ">P99",
                       ">IN FLIGHT", "VERSION", "STARTED"});
  for (const release::ServiceStatus& service : status.services) {
    const release::Traffic told = service.traffic.value_or(release::Traffic{});
    auto shown = [&](const std::string& text) { return service.traffic ? text : std::string(); };
    // Without a request there is no time that one took.
    auto time = [&](double seconds) { return told.per_second == 0 ? std::string() : time_text(seconds); };
    table.add({service.name,
               {std::string(to_string(service.state)), paint(service.state, palette)},
               fmt::format("{}/{}", service.ready, service.desired),
               std::to_string(restarts_of(service)),
               shown(fmt::format("{:.1f}", told.per_second)),
               shown(fmt::format("{:.1f}", told.errors_per_second)),
               time(told.p50),
               time(told.p95),
               time(told.p99),
               shown(std::to_string(told.in_flight)),
               service.version,
               ""});
    for (const release::ReplicaStatus& replica : service.replicas)
      table.add({"  " + replica.id,
                 {std::string(to_string(replica.state)), paint(replica.state, palette)},
                 "",
                 std::to_string(replica.restarts),
                 "",
                 "",
                 "",
                 "",
                 "",
                 "",
                 "",
                 replica.started_at});
  }
  table.write(out, colours);
}

void write_table(const release::Status& status, bool colours, std::ostream& out) {
  const output::Palette& palette = output::palette(colours);
  const bool local = status.environment == "local";
  out << fmt::format("{} at {}\n\n", status.workspace, status.gateway.url);
  if (!local) return write_cluster_table(status, colours, out);
  output::Table table({"NAME", "STATE", ">READY", ">RESTARTS", ">PORT", ">PID"});
  for (const release::ServiceStatus& service : status.services) {
    table.add({service.name,
               {std::string(to_string(service.state)), paint(service.state, palette)},
               fmt::format("{}/{}", service.ready, service.desired),
               std::to_string(restarts_of(service)),
               "",
               ""});
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

void write_autoscaler(const release::ServiceStatus& service, const output::Palette& palette,
                      std::ostream& out) {
  const release::Autoscaler& autoscaler = *service.autoscaler;
  const release::Decision& last = autoscaler.last;
  out << fmt::format("\n{}{}{}: {} of {} to {} replicas: {}\n", palette.bold, service.name, palette.reset,
                     autoscaler.desired, autoscaler.min, autoscaler.max, last.reason);
  if (!last.metric.empty())
    out << fmt::format("  {} is {:g}, the target is {:g}\n", last.metric, last.value, last.target);
  if (!last.at.empty()) out << fmt::format("  changed last at {}\n", last.at);
}

// "2026-01-31T12:00:03Z Pod/orders-5d8f-x: Unhealthy: Readiness probe failed: … (12 times)".
void write_warnings(const release::ServiceStatus& service, const output::Palette& palette,
                    std::ostream& out) {
  if (service.warnings.empty()) return;
  out << fmt::format("\n{}{}{}: what the cluster warned of within the last hour\n", palette.bold,
                     service.name, palette.reset);
  for (const release::Warning& each : service.warnings)
    out << fmt::format("  {} {}: {}: {}{}\n", each.at, each.object, each.reason, each.message,
                       each.count > 1 ? fmt::format(" ({} times)", each.count) : "");
}

// What keeps services from being ready, with code and reason; `why`: with what shows it and with the cure,
// and what the autoscalers think.
void write_reasons(const release::Status& status, bool why, bool colours, std::ostream& out) {
  const output::Palette& palette = output::palette(colours);
  for (const release::ServiceStatus& service : status.services) {
    std::string told;
    for (const release::Condition& condition : service.conditions) {
      const bool tells = !condition.status || condition.type == "Canary";
      if (!tells || condition.message.empty() || condition.message == told) continue;
      told = condition.message;
      out << fmt::format("\n{}{}{}: {}{}\n", palette.bold, service.name, palette.reset, condition.message,
                         condition.code.empty() ? "" : fmt::format(" [{}]", condition.code));
      if (!why) continue;
      for (const std::string& line : condition.evidence) out << fmt::format("  {}\n", line);
      if (!condition.cure.empty()) out << fmt::format("  help: {}\n", condition.cure);
    }
    if (why && service.autoscaler) write_autoscaler(service, palette, out);
    if (why) write_warnings(service, palette, out);
  }
}

class View {
public:
  View(Context& context, const Arguments& arguments)
      : context_(context), names_(arguments.words("SERVICE")), why_(arguments.on("why")) {}

  const std::vector<std::string>& names() const { return names_; }

  // What was asked for of it.
  release::Status of(release::Status status) const {
    if (!status.running) status.workspace = join::workspace_name(context_);
    if (!names_.empty())
      std::erase_if(status.services, [&](const release::ServiceStatus& service) {
        return std::ranges::find(names_, service.name) == names_.end();
      });
    return status;
  }

  void write(const release::Status& status, std::ostream& out) const {
    if (!status.running) {
      out << (status.environment == "local"
                  ? "not running; 'msctl run' starts it\n"
                  : fmt::format("nothing is deployed; 'msctl deploy -e {}' does it\n", status.environment));
      return;
    }
    write_table(status, context_.settings.colour_out, out);
    write_reasons(status, why_, context_.settings.colour_out, out);
    for (const std::string& note : status.notes) out << fmt::format("\nnote: {}\n", note);
  }

private:
  Context& context_;
  std::vector<std::string> names_;
  bool why_;
};

// On a terminal in place of what was there before; else one below the other.
void write_frame(const std::string& frame, bool in_place, bool first, std::ostream& out) {
  constexpr std::string_view kHome = "\x1b[H", kClear = "\x1b[2J", kToEndOfLine = "\x1b[K", kToEnd = "\x1b[J";
  if (!in_place) {
    out << (first ? "" : "\n") << frame;
    return;
  }
  out << (first ? kClear : "") << kHome;
  for (char c : frame) {
    if (c == '\n') out << kToEndOfLine;
    out << c;
  }
  out << kToEnd;
}

Outcome watch(Context& context, release::Orchestrator& orchestrator, const View& view) {
  context.signals.watch({SIGINT, SIGTERM});
  auto goes_on = [&] { return !context.reader_gone() && !context.signals.interrupted(); };
  bool first = true;
  auto watched = orchestrator.watch(
      [&](const release::Status& now) {
        const release::Status status = view.of(now);
        output::print_line(context, release::to_json(status), [&](std::ostream& out) {
          std::ostringstream frame;
          view.write(status, frame);
          write_frame(frame.str(), context.terminal.out, std::exchange(first, false), out);
        });
        return goes_on();
      },
      goes_on);
  if (!watched) return fail(watched.error());
  return context.signals.interrupted() ? base::Exit::interrupted : base::Exit::ok;
}

Outcome run(Context& context, const Arguments& arguments) {
  auto orchestrator = cluster::orchestrator(context, arguments);
  if (!orchestrator) return std::unexpected(std::move(orchestrator.error()));
  auto status = (*orchestrator)->status();
  if (!status) return fail(status.error());
  std::vector<std::string> known;
  for (const release::ServiceStatus& service : status->services) known.push_back(service.name);
  if (!status->running) known = join::known_services(context, **orchestrator);
  const View view(context, arguments);
  if (auto checked = expect_known(view.names(), known); !checked) return fail(checked.error());
  if (arguments.on("watch")) return watch(context, **orchestrator, view);
  const release::Status shown = view.of(*std::move(status));
  output::print(context, release::to_json(shown), [&](std::ostream& out) { view.write(shown, out); });
  return base::Exit::ok;
}

}  // namespace

Command describe_status() {
  return {
      .path = "status",
      .section = Section::run,
      .summary = "show the services, their replicas and what is wrong",
      .description =
          "Shows every service with its state, how many replicas are ready of those desired, and for "
          "what is not ready the reason with its code. Without a run it says so, with status 0.\n\n"
          "`--why` adds what shows the reason and what to do about it, and of what an autoscaler decides "
          "how many replicas it wants, and why; of a cluster also what it warned of within the last hour.\n\n"
          "Of an environment in a cluster it tells what went to each service through the gateways in the "
          "last half minute: requests and errors (5xx) a second, how long they took, and how many are in "
          "flight.\n\n"
          "`--watch` shows it again whenever something changes: on a terminal in its place, else one below "
          "the other, with `-o json` an object a line.",
      .arguments = {services_argument("only these")},
      .flags =
          {environment_flag(),
           {.name = "watch", .letter = 'w', .doc = "again each time that something changes, until Ctrl-C"},
           {.name = "why", .doc = "with what shows the reasons, the cure, and the autoscalers' thoughts"},
           join::run_flag()},
      .examples = {{"msctl status", "everything"},
                   {"msctl status --watch", "and whatever becomes of it"},
                   {"msctl status orders -e staging --why", "what is wrong with orders, and what to do"},
                   {"msctl status orders -o json", "one service, for a program"}},
      .exits = {{base::Exit::interrupted, "ended by Ctrl-C (`--watch`)"}},
      .run = run};
}

}  // namespace msctl::cli::commands
