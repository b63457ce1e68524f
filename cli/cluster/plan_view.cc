#include "cli/cluster/plan_view.h"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/output/colour.h"
#include "cli/output/table.h"

namespace msctl::cli::cluster {
namespace {

using kubernetes::Change;
using kubernetes::deploy::Action;
using kubernetes::deploy::Drift;
using kubernetes::deploy::Plan;
using kubernetes::deploy::Step;
using Json = nlohmann::ordered_json;

Json value_of(const kubernetes::Json& value) {
  if (value.is_discarded()) return nullptr;
  return Json::parse(value.dump());
}

// On one line, and not the whole of a file.
std::string in_short(const kubernetes::Json& value) {
  if (value.is_discarded()) return "(nothing)";
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  constexpr std::size_t most = 100;
  const std::size_t lines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  if (lines > 0) return fmt::format("({})", output::count(lines, "line"));
  if (text.size() > most) text = text.substr(0, most) + "…";
  return text;
}

std::string_view sign(Action action) {
  switch (action) {
    case Action::create:
      return "+";
    case Action::update:
      return "~";
    case Action::remove:
      return "-";
    default:
      return " ";
  }
}

void write(const Change& change, const output::Palette& paint, std::ostream& out) {
  const std::string path = to_text(change.path);
  if (change.added())
    out << fmt::format("      {}{}: {}{}\n", paint.green, path, in_short(change.after), paint.reset);
  else if (change.removed())
    out << fmt::format("      {}{}: {} is taken out{}\n", paint.red, path, in_short(change.before),
                       paint.reset);
  else
    out << fmt::format("      {}: {}{}{} → {}{}{}\n", path, paint.red, in_short(change.before), paint.reset,
                       paint.green, in_short(change.after), paint.reset);
}

void write(const Step& step, const output::Palette& paint, std::ostream& out) {
  const std::string_view colour = step.action == Action::create   ? paint.green
                                  : step.action == Action::remove ? paint.red
                                                                  : paint.yellow;
  out << fmt::format("  {}{} {}{}\n", colour, sign(step.action), step.ref.text(), paint.reset);
  for (const std::string& line : step.means)
    out << fmt::format("      {}{}{}\n", paint.bold, line, paint.reset);
  for (const Change& change : step.changes) write(change, paint, out);
}

void write(const Drift& drift, const output::Palette& paint, std::ostream& out) {
  std::string who = drift.owner ? drift.owner->manager : "somebody";
  if (drift.owner && !drift.owner->time.empty()) who += " at " + drift.owner->time;
  out << fmt::format("  {}{}{} {}: {} is {} now, by {}{}\n", paint.yellow, drift.ref.text(), paint.reset,
                     to_text(drift.change.path), in_short(drift.change.before), in_short(drift.change.after),
                     who, drift.kept ? "; it stays" : "");
}

}  // namespace

Json to_json(const Plan& plan) {
  Json steps = Json::array();
  for (const Step& step : plan.steps) {
    if (step.action == Action::unchanged) continue;
    Json changes = Json::array();
    for (const Change& change : step.changes)
      changes.push_back({{"path", to_text(change.path)},
                         {"before", value_of(change.before)},
                         {"after", value_of(change.after)}});
    steps.push_back({{"service", step.part},
                     {"object", step.ref.text()},
                     {"action", to_string(step.action)},
                     {"means", step.means},
                     {"changes", std::move(changes)}});
  }
  Json drift = Json::array();
  for (const Drift& each : plan.drift)
    drift.push_back({{"object", each.ref.text()},
                     {"path", to_text(each.change.path)},
                     {"stated", value_of(each.change.before)},
                     {"found", value_of(each.change.after)},
                     {"by", each.owner ? each.owner->manager : ""},
                     {"at", each.owner ? each.owner->time : ""},
                     {"kept", each.kept}});
  return {{"create", plan.count(Action::create)},
          {"update", plan.count(Action::update)},
          {"remove", plan.count(Action::remove)},
          {"unchanged", plan.count(Action::unchanged)},
          {"steps", std::move(steps)},
          {"drift", std::move(drift)}};
}

void write(const Plan& plan, bool colours, std::ostream& out) {
  const output::Palette& paint = output::palette(colours);
  if (!plan.drift.empty()) {
    out << "Changed by hand since the last release:\n";
    for (const Drift& each : plan.drift) write(each, paint, out);
    out << '\n';
  }
  std::string part;
  bool first = true;
  for (const Step& step : plan.steps) {
    if (step.action == Action::unchanged) continue;
    if (first || step.part != part)
      out << fmt::format("{}{}{}\n", paint.bold, step.part.empty() ? "(of no service)" : step.part,
                         paint.reset);
    first = false;
    part = step.part;
    write(step, paint, out);
  }
  if (!plan.has_changes()) {
    out << "nothing would be changed\n";
    return;
  }
  out << fmt::format("\n{} to create, {} to change, {} to remove; {} as they are\n",
                     plan.count(Action::create), plan.count(Action::update), plan.count(Action::remove),
                     plan.count(Action::unchanged));
}

}  // namespace msctl::cli::cluster
