#include "cli/cluster/canary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/output/colour.h"
#include "cli/output/table.h"
#include "runtime/base/units.h"

namespace msctl::cli::cluster {
namespace {

using kubernetes::canary::Request;
using Json = nlohmann::json;

constexpr base::Duration shortest_interval = std::chrono::seconds(10);
constexpr int whole = 100;

std::unexpected<base::Error> wrong(std::string message) {
  auto error = base::fail(base::Code::usage, std::move(message), "--canary 5,25,50,100");
  error.error().expected = "growing percentages from 1 to 100, at least one of them below 100";
  return error;
}

base::Result<int> share_of(const std::string& text) {
  std::string_view digits = text;
  if (digits.ends_with('%')) digits.remove_suffix(1);
  int out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (error != std::errc() || end != digits.data() + digits.size())
    return wrong(fmt::format("--canary: '{}' is no percentage", text));
  if (out < 1 || out > whole) return wrong(fmt::format("--canary: {} is not from 1 to 100", text));
  return out;
}

base::Result<std::vector<int>> shares_of(const std::vector<std::string>& texts) {
  std::vector<int> out;
  for (const std::string& text : texts) {
    auto share = share_of(text);
    if (!share) return std::unexpected(share.error());
    if (!out.empty() && *share <= out.back())
      return wrong(fmt::format("--canary: {} comes behind {}: each share is greater than the one before",
                               *share, out.back()));
    out.push_back(*share);
  }
  if (out.empty()) return wrong("--canary names no share");
  if (out.front() == whole)
    return wrong("--canary: with all of the traffic there is nothing to compare the new version with");
  return out;
}

std::string text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string_view paint(const std::string& result, const output::Palette& palette) {
  if (result.empty()) return palette.dim;
  return result == "passed" || result == "promoting" ? palette.green : palette.red;
}

// "orders 1, users 2"
std::string replicas_text(const Json& step) {
  std::vector<std::string> out;
  if (step.contains("replicas"))
    for (const auto& [service, count] : step["replicas"].items())
      out.push_back(fmt::format("{} {}", service, count.dump()));
  return fmt::format("{}", fmt::join(out, ", "));
}

void write_steps(const Json& canary, bool colours, std::ostream& out) {
  const output::Palette& palette = output::palette(colours);
  const bool tried = !canary["steps"].empty() && canary["steps"][0].contains("result");
  output::Table table({">SHARE", "REPLICAS", tried ? "RESULT" : ""});
  for (const Json& step : canary["steps"]) {
    const std::string share = fmt::format("{} %", step.value("percent", 0));
    const std::string result = text(step, "result");
    const std::string shown = tried && result.empty() ? "not come to" : result;
    table.add({share, replicas_text(step), {shown, paint(result, palette)}});
  }
  table.write(out, colours);
}

// The sentence of each service at the step that came last.
void write_judgements(const Json& canary, std::ostream& out) {
  const Json* last = nullptr;
  for (const Json& step : canary["steps"])
    if (step.contains("judgements") && !step["judgements"].empty()) last = &step["judgements"];
  if (last == nullptr) return;
  for (const auto& [service, judgement] : last->items())
    out << fmt::format("  {}: {}\n", service, text(judgement, "text"));
}

}  // namespace

std::vector<Flag> canary_flags() {
  return {
      {.name = "canary",
       .value = "SHARES",
       .doc =
           "give the new version these shares of the requests at the gateway first, one after another, and "
           "go on only while it is shown to be as good as the one that runs",
       .commas = true},
      {.name = "interval",
       .value = "DURATION",
       .kind = Kind::duration,
       .doc = "with --canary: how long each share is watched, at least; up to six times as long where the "
              "traffic is too little to tell",
       .fallback = "1m"}};
}

base::Result<std::optional<Request>> canary_request(const Arguments& arguments) {
  if (!arguments.given("canary")) {
    if (arguments.given("interval")) return base::fail(base::Code::usage, "--interval goes with --canary");
    return std::nullopt;
  }
  auto shares = shares_of(arguments.list("canary"));
  if (!shares) return std::unexpected(shares.error());
  Request out;
  out.shares = *std::move(shares);
  out.interval = arguments.duration("interval");
  if (out.interval < shortest_interval)
    return base::fail(
        base::Code::usage,
        fmt::format("--interval {} is too short to judge anything", base::to_string(out.interval)),
        "at least 10s");
  return out;
}

std::string canary_text(const std::optional<Request>& request) {
  return request ? fmt::format(" --canary {}", fmt::join(request->shares, ",")) : std::string();
}

std::string canary_summary(const Json& canary) {
  std::vector<std::string> services, steps;
  for (const Json& each : canary["services"]) services.push_back(text(each, "service"));
  for (const Json& step : canary["steps"])
    if (const std::string result = text(step, "result"); !result.empty())
      steps.push_back(fmt::format("{} % {}", step.value("percent", 0), result));
  return fmt::format("{}: {}", fmt::join(services, ", "),
                     steps.empty() ? std::string("not judged") : fmt::format("{}", fmt::join(steps, ", ")));
}

void write_canary(const Json& canary, bool colours, std::ostream& out) {
  std::vector<std::string> services;
  for (const Json& each : canary["services"])
    services.push_back(fmt::format("{} (as {})", text(each, "service"), text(each, "name")));
  out << fmt::format("canary of {}, {} each share:\n", fmt::join(services, ", "), text(canary, "interval"));
  write_steps(canary, colours, out);
  write_judgements(canary, out);
  for (const Json& each : canary["left"])
    out << fmt::format("  {} is rolled out without: {}\n", text(each, "service"), text(each, "because"));
}

}  // namespace msctl::cli::cluster
