#include "cli/join/steps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "cli/flags.h"
#include "cli/output/colour.h"
#include "cli/output/document.h"
#include "cli/output/progress.h"
#include "cli/output/table.h"
#include "runtime/toolchain/requirements.h"
#include "scaffolds/embedded.h"

namespace msctl::cli::join {
namespace {

std::string command_line(const toolchain::Argv& argv) {
  return fmt::format("{}", fmt::join(argv, " "));
}

// One error a language, whichever of its services asked for it.
base::Errors missing_toolchains(const std::vector<Subject>& subjects, const toolchain::Languages& languages,
                                system::Processes& processes) {
  base::Errors out;
  std::set<std::string> seen;
  for (const Subject& subject : subjects) {
    const toolchain::Language* language = languages.find(subject.service->language);
    if (language == nullptr || !seen.insert(language->name).second) continue;
    if (auto error = toolchain::missing(*language, processes, system::find_program))
      out.push_back(std::move(*error));
  }
  return out;
}

nlohmann::ordered_json to_json(const toolchain::Outcome& outcome, const Provenance& provenance) {
  nlohmann::ordered_json out{{"service", outcome.service},
                             {"result", outcome.ok ? "passed" : "failed"},
                             {"seconds", std::round(seconds(outcome.took) * 1000) / 1000}};
  out["cached"] = provenance.cached;
  if (!provenance.because.empty()) out["because"] = provenance.because;
  if (!outcome.ok) {
    out["command"] = outcome.failed;
    out["why"] = outcome.why;
    out["output"] = outcome.output;
  }
  return out;
}

}  // namespace

double seconds(base::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

void print_output(Context& context, const toolchain::Outcome& outcome) {
  const auto& colour = output::palette(context.settings.colour_err);
  context.err << fmt::format("{}--- {} ---{}\n", colour.bold, outcome.service, colour.reset)
              << outcome.output;
  if (!outcome.output.empty() && !outcome.output.ends_with('\n')) context.err << '\n';
  if (!outcome.failed.empty())
    context.err << fmt::format("{}: {}\n", command_line(outcome.failed), outcome.why);
}

std::expected<std::vector<Subject>, base::Errors> subjects(const workspace::Workspace& workspace,
                                                           const std::vector<std::string>& names,
                                                           system::Processes& processes) {
  if (auto known = expect_known(names, workspace.service_names()); !known)
    return std::unexpected(base::Errors{known.error()});
  auto languages = scaffolds::toolchains(workspace.languages());
  if (!languages) return std::unexpected(base::Errors{languages.error()});
  std::vector<Subject> out;
  for (const workspace::Service& service : workspace.services) {
    if (service.is_backing() && names.empty()) continue;
    if (!names.empty() && std::ranges::find(names, service.name) == names.end()) continue;
    out.push_back({&service, toolchain::commands_for(service, *languages)});
  }
  if (auto errors = missing_toolchains(out, *languages, processes); !errors.empty())
    return std::unexpected(std::move(errors));
  return out;
}

StepsRun run_steps(Context& context, const std::vector<toolchain::Job>& jobs, std::string_view what,
                   bool verbose, std::string_view how) {
  context.signals.watch({SIGINT, SIGTERM});
  output::Progress progress(context, how);
  std::size_t left = jobs.size();
  const auto show = [&] {
    progress.show(left == 0 ? std::string{} : fmt::format("{}: {} of {} to go", what, left, jobs.size()));
  };
  show();
  system::RealProcesses processes;
  StepsRun out;
  out.outcomes = toolchain::run_jobs(
      jobs, toolchain::cores(), processes, context.clock, context.signals.descriptor(),
      [&](const toolchain::Outcome& outcome) {
        --left;
        if (!outcome.cancelled) {
          progress.show({});
          progress.say(
              outcome.service,
              fmt::format("{} after {:.1f} s", outcome.ok ? "passed" : "failed", seconds(outcome.took)),
              outcome.ok ? output::Tone::good : output::Tone::bad);
          if (!outcome.ok || verbose) print_output(context, outcome);
        }
        show();
      });
  out.interrupted = context.signals.interrupted();
  return out;
}

base::Exit summarize(Context& context, const StepsRun& run, const std::vector<std::string>& without_steps) {
  const auto& colour = output::palette(context.settings.colour_out);
  nlohmann::ordered_json services = nlohmann::ordered_json::array();
  output::Table table{"SERVICE", "RESULT", ">SECONDS"};
  std::vector<std::string> failed;
  for (std::size_t i = 0; i < run.outcomes.size(); ++i) {
    const toolchain::Outcome& outcome = run.outcomes[i];
    const Provenance provenance = i < run.provenance.size() ? run.provenance[i] : Provenance{};
    services.push_back(to_json(outcome, provenance));
    table.add({outcome.service,
               {!outcome.ok         ? "failed"
                : provenance.cached ? "passed (cached)"
                                    : "passed",
                outcome.ok ? colour.green : colour.red},
               fmt::format("{:.1f}", seconds(outcome.took))});
    if (!outcome.ok) failed.push_back(outcome.service);
  }
  for (const std::string& service : without_steps) {
    services.push_back({{"service", service}, {"result", "none"}, {"seconds", 0}});
    table.add({service, "none", "-"});
  }
  base::Errors errors;
  if (!failed.empty())
    errors.push_back(
        base::fail(base::Code::testsFailed, fmt::format("failed: {}", fmt::join(failed, ", "))).error());
  output::print(
      context, {{"services", services}},
      [&](std::ostream& out) { table.write(out, context.settings.colour_out); }, errors);
  return failed.empty() ? base::Exit::ok : base::Exit::failed;
}

}  // namespace msctl::cli::join
