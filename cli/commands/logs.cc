// logs: what the services wrote.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/cluster/orchestrator.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/join/local.h"
#include "cli/output/colour.h"
#include "cli/output/document.h"

namespace msctl::cli::commands {
namespace {

release::LogQuery read_query(const Arguments& arguments, const std::vector<std::string>& services) {
  release::LogQuery query;
  query.services = arguments.words("SERVICE");
  // Where a service has the gateway's name, the service is meant.
  if (std::ranges::find(services, "gateway") == services.end())
    query.gateway = std::erase(query.services, "gateway") > 0;
  query.follow = arguments.on("follow");
  query.previous = arguments.on("previous");
  if (arguments.given("since")) query.since = arguments.duration("since");
  query.grep = arguments.text("grep");
  return query;
}

nlohmann::ordered_json to_json(const release::LogLine& line) {
  return {{"at", line.at},
          {"service", line.service},
          {"replica", line.replica},
          {"stream", line.stream},
          {"text", line.text}};
}

// The same name has the same colour in each call: it is that of the name's place among all services.
std::string_view colour_of(const std::string& service, const std::vector<std::string>& all, bool colours) {
  const output::Palette& palette = output::palette(colours);
  const std::array<std::string_view, 5> ring{palette.cyan, palette.magenta, palette.blue, palette.green,
                                             palette.yellow};
  auto place = std::ranges::find(all, service) - all.begin();
  return ring[static_cast<std::size_t>(place) % ring.size()];
}

Outcome run(Context& context, const Arguments& arguments) {
  auto orchestrator = cluster::orchestrator(context, arguments);
  if (!orchestrator) return std::unexpected(std::move(orchestrator.error()));
  std::vector<std::string> known = join::known_services(context, **orchestrator);
  release::LogQuery query = read_query(arguments, known);
  if (auto checked = expect_known(query.services, known); !checked) return fail(checked.error());
  std::size_t width = 0;
  for (const std::string& name : known) width = std::max(width, name.size() + 2);
  if (query.gateway) width = std::max(width, std::string_view("gateway").size());

  if (query.follow) context.signals.watch({SIGINT, SIGTERM});
  query.cancelled = [&] { return context.reader_gone() || context.signals.interrupted(); };
  std::string_view reset = output::palette(context.settings.colour_out).reset;
  auto done = (*orchestrator)->logs(query, [&](const release::LogLine& line) {
    auto text = [&](std::ostream& out) {
      out << fmt::format("{}{:<{}} |{} ", colour_of(line.service, known, context.settings.colour_out),
                         line.replica, width, reset)
          << line.text << '\n';
    };
    // A line at a time is written through only where somebody waits for it.
    if (query.follow || context.settings.format != Format::table)
      output::print_line(context, to_json(line), text);
    else
      text(context.out);
    return !context.reader_gone() && !context.signals.interrupted();
  });
  if (!done) return fail(done.error());
  return context.signals.interrupted() ? base::Exit::interrupted : base::Exit::ok;
}

}  // namespace

Command describe_logs() {
  return {
      .path = "logs",
      .section = Section::run,
      .summary = "show what the services wrote",
      .description =
          "Shows the lines of the services' stdout and stderr in the order of time, also after the run has "
          "ended, until the next one begins. Of each service the last 8 to 16 MiB are kept.\n\n`gateway` as "
          "the name gives the gateway's access log: a JSON object a request.",
      .arguments = {services_argument("only these")},
      .flags = {environment_flag(),
                follow_flag(),
                {.name = "since",
                 .value = "DURATION",
                 .kind = Kind::duration,
                 .doc = "only lines that are not older"},
                {.name = "grep",
                 .value = "RE",
                 .doc = "only lines that the extended regular expression matches"},
                {.name = "previous", .doc = "of the process before the last restart"},
                join::run_flag()},
      .examples = {{"msctl logs -f orders", "what orders writes, as it comes"},
                   {"msctl logs --since 5m --grep 'error|warn'", "the trouble of the last five minutes"},
                   {"msctl logs -f gateway", "the requests as they come in"},
                   {"msctl logs orders --previous", "the last words of what crashed"}},
      .exits = {{base::Exit::interrupted, "ended by Ctrl-C (`-f`)"}},
      .run = run};
}

}  // namespace msctl::cli::commands
