// gateway explain: which route takes a request, and why not the others.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/join/gateway.h"
#include "cli/output/colour.h"
#include "cli/output/document.h"
#include "gateway/router/explain.h"

namespace msctl::cli::commands {
namespace {

using gateway::router::Candidate;
using gateway::router::Explanation;
using Headers = std::vector<std::pair<std::string, std::string>>;

struct Options {
  std::string method;
  std::string url;
  Headers headers;
  std::string config;
};

std::string_view name_of(Explanation::Outcome outcome) {
  switch (outcome) {
    case Explanation::Outcome::found:
      return "found";
    case Explanation::Outcome::method_not_allowed:
      return "methodNotAllowed";
    case Explanation::Outcome::refused:
      return "refused";
    case Explanation::Outcome::no_route:
      break;
  }
  return "noRoute";
}

std::string_view code_of(Explanation::Outcome outcome) {
  switch (outcome) {
    case Explanation::Outcome::method_not_allowed:
      return "MSC3005";
    case Explanation::Outcome::refused:
      return "MSC3001";
    case Explanation::Outcome::no_route:
      return "MSC3004";
    case Explanation::Outcome::found:
      break;
  }
  return "";
}

nlohmann::ordered_json to_json(const Explanation& explanation) {
  nlohmann::ordered_json out{{"outcome", name_of(explanation.outcome)},
                             {"code", code_of(explanation.outcome)},
                             {"route", explanation.route},
                             {"target", explanation.target},
                             {"path", explanation.path},
                             {"upstreamPath", explanation.upstream_path},
                             {"allow", explanation.allow},
                             {"refused", explanation.refused}};
  out["parameters"] = nlohmann::ordered_json::object();
  for (const auto& [name, value] : explanation.parameters) out["parameters"][name] = value;
  out["candidates"] = nlohmann::ordered_json::array();
  for (const Candidate& each : explanation.candidates)
    out["candidates"].push_back({{"route", each.route},
                                 {"pattern", each.pattern},
                                 {"chosen", each.chosen},
                                 {"fits", each.fits},
                                 {"because", each.because}});
  return out;
}

std::string verdict(const Explanation& explanation) {
  switch (explanation.outcome) {
    case Explanation::Outcome::found:
      return fmt::format("route {}, {}", explanation.route, explanation.target);
    case Explanation::Outcome::method_not_allowed:
      return fmt::format("405, the most specific path takes only {} [MSC3005]", explanation.allow);
    case Explanation::Outcome::refused:
      return fmt::format("400, {} [MSC3001]", explanation.refused);
    case Explanation::Outcome::no_route:
      break;
  }
  return "404, no route [MSC3004]";
}

void write(std::ostream& out, const Explanation& explanation, bool colours) {
  const auto& colour = output::palette(colours);
  bool found = explanation.outcome == Explanation::Outcome::found;
  out << fmt::format("{}{}{}\n", found ? colour.green : colour.red, verdict(explanation), colour.reset);
  if (!explanation.path.empty()) out << fmt::format("  path      {}\n", explanation.path);
  if (!explanation.upstream_path.empty()) out << fmt::format("  upstream  {}\n", explanation.upstream_path);
  for (const auto& [name, value] : explanation.parameters) out << fmt::format("  {{{}}}  {}\n", name, value);
  for (const Candidate& each : explanation.candidates)
    out << fmt::format("{}{} {}  {}{}\n    {}\n", each.chosen ? colour.green : colour.dim,
                       each.chosen ? "*" : "-", each.route, each.pattern, colour.reset, each.because);
}

base::Result<Headers> parse_headers(const std::vector<std::string>& typed) {
  Headers headers;
  for (const std::string& each : typed) {
    auto colon = each.find(':');
    if (colon == std::string::npos || colon == 0) {
      auto error = base::fail(base::Code::usage, fmt::format("-H does not take '{}'", each));
      error.error().expected = "'Name: value'";
      return error;
    }
    auto value = each.find_first_not_of(" \t", colon + 1);
    headers.emplace_back(each.substr(0, colon), value == std::string::npos ? "" : each.substr(value));
  }
  return headers;
}

Outcome explain(Context& context, const Options& options) {
  auto config = join::load_gateway(context, options.config);
  if (!config) return std::unexpected(std::move(config.error()));
  Explanation explanation =
      gateway::router::explain(config->routes, options.method, options.url, options.headers);
  output::print(context, to_json(explanation),
                [&](std::ostream& out) { write(out, explanation, context.settings.colour_out); });
  return base::Exit::ok;
}

Outcome run(Context& context, const Arguments& arguments) {
  auto headers = parse_headers(arguments.list("header"));
  if (!headers) return fail(headers.error());
  return explain(context, {.method = arguments.word("METHOD"),
                           .url = arguments.word("URL"),
                           .headers = std::move(*headers),
                           .config = arguments.text("config")});
}

}  // namespace

Command describe_gateway_explain() {
  return {.path = "gateway explain",
          .section = Section::gateway,
          .summary = "tell which route takes a request, and why",
          .description =
              "Holds a request against the routes as the gateway would, sends nothing, and tells which one "
              "takes it "
              "and, of every other, which condition fails or why it is less specific.",
          .arguments = {{.name = "METHOD", .doc = "such as `GET`"},
                        {.name = "URL", .doc = "such as `/orders/7?v=2` or `http://shop.example/orders/7`"}},
          .flags = {{.name = "header",
                     .letter = 'H',
                     .value = "FIELD",
                     .doc = "a field of the request, `Name: value`",
                     .many = true},
                    join::config_flag()},
          .examples = {{"msctl gateway explain GET /orders/7", "against the workspace's routes"},
                       {"msctl gateway explain GET http://shop.example/orders -H 'X-Beta: 1'",
                        "with a host and a field"}},
          .exits = {{base::Exit::ok, "explained, also where no route takes it"},
                    {base::Exit::config, "the configuration has errors"}},
          .run = run};
}

}  // namespace msctl::cli::commands
