#include "cli/cluster/rollout_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>
#include <thread>

#include "cli/cluster/canary.h"
#include "cli/cluster/plan_view.h"
#include "cli/join/ask.h"
#include "cli/output/document.h"
#include "cli/output/progress.h"
#include "runtime/kubernetes/deploy/deploy.h"
#include "runtime/kubernetes/deploy/meaning.h"

namespace msctl::cli::cluster {
namespace {

namespace deploying = kubernetes::deploy;
using deploying::Plan;

std::vector<std::string> lost_with(const Plan& plan) {
  std::vector<std::string> out;
  for (const deploying::Step& step : plan.steps)
    if (step.action == deploying::Action::remove && deploying::holds_data(step.ref))
      out.push_back(step.ref.text());
  return out;
}

// What cannot be brought back is asked for; everything else was asked for by the command itself.
base::Result<bool> consent(Context& context, bool yes, const Plan& plan) {
  const std::vector<std::string> lost = lost_with(plan);
  if (lost.empty() || yes) return true;
  std::string names;
  for (const std::string& each : lost) names += (names.empty() ? "" : ", ") + each;
  if (!join::can_ask(context))
    return base::fail(base::Code::needsConsent, fmt::format("this would remove {}", names),
                      "look at --plan, then give --yes");
  std::ostringstream text;
  write(plan, context.settings.colour_err, text);
  context.err << text.str();
  auto answer = join::ask(context, fmt::format("Remove {}? [y/N] ", names));
  if (!answer) return std::unexpected(answer.error());
  return *answer == "y" || *answer == "yes";
}

void write_release(const release::Release& release, bool colours, std::ostream& out) {
  if (!release.canary.is_null()) write_canary(release.canary, colours, out);
  out << fmt::format("release {} is ready\n", release.id);
}

void report(Context& context, const deploying::Done& done) {
  nlohmann::ordered_json fields{
      {"release", done.release.id == 0 ? nlohmann::ordered_json(nullptr) : summary(done.release)},
      {"plan", to_json(done.plan)}};
  output::print(context, fields, [&](std::ostream& out) {
    if (done.declined)
      out << "nothing was changed\n";
    else if (done.release.id == 0)
      out << "everything is as it should be, and ready; nothing was changed\n";
    else
      write_release(done.release, context.settings.colour_out, out);
  });
}

}  // namespace

std::vector<Flag> rollout_flags() {
  return {{.name = "timeout",
           .value = "DURATION",
           .kind = Kind::duration,
           .doc = "how long all of it may take to become ready",
           .fallback = "5m"},
          {.name = "lock-timeout",
           .value = "DURATION",
           .kind = Kind::duration,
           .doc = "how long to wait for somebody else's deploy",
           .fallback = "5m"},
          {.name = "yes", .letter = 'y', .doc = "remove also what may hold data, without asking"}};
}

base::Result<int> release_number(const std::string& text) {
  int out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || out <= 0)
    return base::fail(base::Code::noRelease, fmt::format("'{}' is no number of a release", text),
                      "'msctl history -e ENV' lists them");
  return out;
}

nlohmann::ordered_json summary(const release::Release& release) {
  nlohmann::ordered_json out{{"id", std::to_string(release.id)},
                             {"at", release.at},
                             {"by", release.by},
                             {"revision", release.revision},
                             {"services", release.services},
                             {"result", to_string(release.result)},
                             {"command", release.command},
                             {"ended", release.ended}};
  if (!release.code.empty()) {
    out["code"] = release.code;
    out["message"] = release.message;
  }
  if (!release.canary.is_null()) out["canary"] = nlohmann::ordered_json::parse(release.canary.dump());
  if (release.rolled_back_to != 0) out["rolledBackTo"] = std::to_string(release.rolled_back_to);
  return out;
}

Outcome carry_out(Context& context, const Arguments& arguments, Environment& environment,
                  release::Release release, bool whole, deploying::Options options) {
  output::Progress progress(context, arguments.text("progress"));
  options.timeout = arguments.duration("timeout");
  options.lock_timeout = arguments.duration("lock-timeout");
  options.say = [&](const release::Moment& moment) { progress.say(moment.subject, moment.text); };
  options.show = [&](const std::string& text) { progress.show(text); };
  options.consent = [&](const Plan& plan) { return consent(context, arguments.on("yes"), plan); };
  options.interrupted = [&] { return environment.interruption->came(); };
  options.go_on = [&] { environment.interruption->go_on(); };
  options.sleep = [](base::Duration time) { std::this_thread::sleep_for(time); };
  auto done = deploying::deploy(*environment.cluster, context.clock, std::move(release), whole, options);
  progress.show({});
  if (!done) return std::unexpected(std::move(done.error()));
  report(context, *done);
  return base::Exit::ok;
}

}  // namespace msctl::cli::cluster
