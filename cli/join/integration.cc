#include "cli/join/integration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atomic>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

#include "cli/join/test_run.h"
#include "cli/output/colour.h"
#include "cli/output/document.h"
#include "cli/output/progress.h"
#include "cli/output/table.h"
#include "runtime/system/files.h"
#include "runtime/system/processes.h"

namespace msctl::cli::join {
namespace {

namespace fs = std::filesystem;

// One service's tests, from the first start to the verdict.
class Session {
public:
  Session(const Context& context, const std::string& root, const Subject& subject,
          const IntegrationOptions& options)
      : context_(context), root_(root), subject_(subject), options_(options) {
    result_.outcome.service = subject.service->name;
    result_.folder = ".msctl/tests/" + subject.service->name;
  }

  IntegrationResult run() {
    const base::Instant begin = context_.clock.now();
    if (prepare() && pass("one-replica", false)) {
      result_.outcome.ok = true;
      if (options_.contract) hold_against_document();
      if (options_.stateless && result_.outcome.ok) compare_replicas();
    }
    result_.outcome.took = context_.clock.now() - begin;
    return std::move(result_);
  }

private:
  std::string path(const std::string& name) const { return root_ + "/" + result_.folder + "/" + name; }

  bool fail(base::Code code, std::string why) {
    result_.outcome.ok = false;
    result_.code = code;
    result_.outcome.why = std::move(why);
    return false;
  }

  void say(const std::string& line) { result_.outcome.output += line + "\n"; }

  bool prepare() {
    std::error_code error;
    fs::remove_all(path(""), error);
    fs::create_directories(path(""), error);
    return !error ||
           fail(base::Code::cannotWrite, fmt::format("cannot write {}: {}", result_.folder, error.message()));
  }

  // Runs the tests against a run of their own. False: they failed, or could not be run.
  bool pass(const std::string& name, bool stateless) {
    TestRunOptions running{.program = context_.program,
                           .root = root_,
                           .service = subject_.service->name,
                           .stateless = stateless,
                           .recording = path(name + ".recording.jsonl"),
                           .log = path(name + ".log"),
                           .cancel = context_.signals.descriptor()};
    auto run = TestRun::start(running);
    if (!run) {
      result_.outcome.cancelled = run.error().code == base::Code::interrupted;
      return fail(run.error().code, run.error().message);
    }
    std::string said;
    bool passed = ask((*run)->gateway_url(), said);
    (*run)->stop();
    system::RealFiles files;
    (void)files.replace(path(name + ".tests.log"), said);
    if (!passed || options_.verbose) result_.outcome.output += said;
    return passed;
  }

  bool ask(const std::string& gateway, std::string& said) {
    system::RealProcesses processes;
    for (const toolchain::Argv& step : subject_.commands.integration) {
      system::Command command;
      command.argv = step;
      command.folder = subject_.service->folder;
      command.env = {{"GATEWAY_URL", gateway}, {"SERVICE_NAME", subject_.service->name}};
      command.cancel = context_.signals.descriptor();
      auto finished = processes.run(command);
      if (finished) said += finished->output;
      if (finished && finished->ok()) continue;
      result_.outcome.failed = step;
      result_.outcome.cancelled = finished && finished->cancelled;
      return fail(base::Code::testsFailed, !finished ? finished.error().message
                                           : finished->status > 128
                                               ? fmt::format("ended by signal {}", finished->status - 128)
                                               : fmt::format("exit status {}", finished->status));
    }
    return true;
  }

  std::vector<replay::Exchange> recording(const std::string& name) {
    auto read = replay::read_recording(path(name + ".recording.jsonl"));
    std::vector<replay::Exchange> own;
    if (read)
      for (replay::Exchange& each : *read)
        if (each.service == subject_.service->name) own.push_back(std::move(each));
    return own;
  }

  void hold_against_document() {
    std::string file = "openapi.yaml";
    if (!fs::exists(subject_.service->folder + "/" + file)) file = "openapi.json";
    auto document = contract::Document::read(subject_.service->folder + "/" + file,
                                             subject_.service->relative + "/" + file);
    if (!document) {
      fail(base::Code::contractBroken,
           fmt::format("{}: {}", document.error().at.file, document.error().message));
      return;
    }
    result_.contract = contract::check(*document, recording("one-replica"));
    if (result_.contract.findings.empty()) return;
    for (const contract::Finding& each : result_.contract.findings) say(contract::describe(each));
    fail(base::Code::contractBroken,
         fmt::format("{} disagrees with what was seen, in {} place{}", file, result_.contract.findings.size(),
                     result_.contract.findings.size() == 1 ? "" : "s"));
  }

  void compare_replicas() {
    if (pass("several-replicas", true)) return;
    if (result_.code != base::Code::testsFailed || result_.outcome.cancelled) return;
    result_.parted =
        contract::part(recording("one-replica"), recording("several-replicas"), subject_.service->name);
    result_.code = base::Code::keepsState;
    result_.outcome.why =
        "its tests pass with one replica, and not with three that are replaced after changes";
    for (const contract::Parted& each : result_.parted) say(contract::describe(each));
    if (result_.parted.empty())
      say("no status differs: the tests saw another content; compare the two recordings");
  }

  const Context& context_;
  const std::string& root_;
  const Subject& subject_;
  const IntegrationOptions& options_;
  IntegrationResult result_;
};

void print(Context& context, const IntegrationResult& result) {
  const auto& colour = output::palette(context.settings.colour_err);
  const toolchain::Outcome& outcome = result.outcome;
  context.err << fmt::format("{}--- {} ---{}\n", colour.bold, outcome.service, colour.reset)
              << outcome.output;
  if (!outcome.output.empty() && !outcome.output.ends_with('\n')) context.err << '\n';
  if (outcome.ok) return;
  if (!outcome.failed.empty()) context.err << fmt::format("{}: ", fmt::join(outcome.failed, " "));
  context.err << fmt::format("{}\nlogs and recordings: {}\n", outcome.why, result.folder);
}

nlohmann::ordered_json to_json(const IntegrationResult& result) {
  nlohmann::ordered_json out{{"service", result.outcome.service},
                             {"result", result.outcome.ok ? "passed" : "failed"},
                             {"seconds", std::round(seconds(result.outcome.took) * 1000) / 1000},
                             {"folder", result.folder}};
  if (!result.outcome.ok) {
    out["code"] = base::to_string(result.code);
    out["command"] = result.outcome.failed;
    out["why"] = result.outcome.why;
    out["output"] = result.outcome.output;
  }
  nlohmann::ordered_json findings = nlohmann::ordered_json::array(), parted = findings;
  for (const contract::Finding& each : result.contract.findings) findings.push_back(contract::to_json(each));
  for (const contract::Parted& each : result.parted) parted.push_back(contract::to_json(each));
  out["contract"] = {{"findings", findings}, {"unseen", result.contract.unseen}};
  out["parted"] = parted;
  return out;
}

}  // namespace

IntegrationRun run_integration(Context& context, const std::string& root,
                               const std::vector<Subject>& subjects, const IntegrationOptions& options) {
  context.signals.watch({SIGINT, SIGTERM});
  output::Progress progress(context, options.progress);
  IntegrationRun out;
  out.results.resize(subjects.size());
  std::atomic<std::size_t> next{0};
  std::size_t left = subjects.size();
  std::mutex mutex;
  auto show = [&] {
    progress.show(left == 0 ? std::string{}
                            : fmt::format("integration tests: {} of {} to go", left, subjects.size()));
  };
  show();
  auto work = [&] {
    for (std::size_t at = next++; at < subjects.size() && !context.signals.interrupted(); at = next++) {
      IntegrationResult result = Session(context, root, subjects[at], options).run();
      const std::lock_guard lock(mutex);
      --left;
      const toolchain::Outcome& outcome = result.outcome;
      if (!outcome.cancelled) {
        progress.show({});
        progress.say(
            outcome.service,
            fmt::format("{} after {:.1f} s", outcome.ok ? "passed" : "failed", seconds(outcome.took)),
            outcome.ok ? output::Tone::good : output::Tone::bad);
        if (!outcome.ok || options.verbose) print(context, result);
      }
      out.results[at] = std::move(result);
      show();
    }
  };
  // Each on a thread of its own: the runs end with the thread that started them.
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min<std::size_t>(toolchain::cores(), subjects.size()); ++i)
    threads.emplace_back(work);
  threads.clear();  // joins
  out.interrupted = context.signals.interrupted();
  return out;
}

base::Exit summarize(Context& context, const IntegrationRun& run,
                     const std::vector<std::string>& without_tests) {
  const auto& colour = output::palette(context.settings.colour_out);
  nlohmann::ordered_json services = nlohmann::ordered_json::array();
  output::Table table{"SERVICE", "RESULT", ">SECONDS"};
  base::Errors errors;
  for (const IntegrationResult& result : run.results) {
    services.push_back(to_json(result));
    table.add({result.outcome.service,
               {result.outcome.ok ? "passed" : "failed", result.outcome.ok ? colour.green : colour.red},
               fmt::format("{:.1f}", seconds(result.outcome.took))});
    if (!result.outcome.ok)
      errors.push_back(
          base::fail(result.code, fmt::format("{}: {}", result.outcome.service, result.outcome.why)).error());
  }
  for (const std::string& service : without_tests) {
    services.push_back({{"service", service}, {"result", "none"}, {"seconds", 0}});
    table.add({service, "none", "-"});
  }
  output::print(
      context, {{"services", services}},
      [&](std::ostream& out) { table.write(out, context.settings.colour_out); }, errors);
  return errors.empty() ? base::Exit::ok : base::Exit::failed;
}

}  // namespace msctl::cli::join
