// test: each service's own tests, or those of the running service.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/join/affected.h"
#include "cli/join/integration.h"
#include "cli/join/results.h"
#include "cli/join/steps.h"
#include "runtime/system/files.h"
#include "runtime/system/processes.h"
#include "runtime/toolchain/junit.h"

namespace msctl::cli::commands {
namespace {

struct Options {
  std::vector<std::string> services;
  std::optional<std::string> affected;
  bool running = false;  // the integration tests
  join::IntegrationOptions integration;
  std::string junit;  // absolute; empty: none
  join::KeepOptions results;
};

// The build first, since tests may need what it makes. Its own runner reports always, so that a result that
// is kept has what --junit asks for.
join::Kept own_tests(const join::Subject& subject) {
  join::Kept out{&subject, subject.commands.build, {}};
  out.steps.insert(out.steps.end(), subject.commands.test.begin(), subject.commands.test.end());
  if (!subject.commands.junit.file.empty()) {
    const toolchain::Argv& more = subject.commands.junit.arguments;
    out.steps.back().insert(out.steps.back().end(), more.begin(), more.end());
    out.report = subject.service->folder + "/" + subject.commands.junit.file;
  }
  return out;
}

std::string document(const join::KeptRun& run) {
  std::vector<toolchain::Suite> suites;
  for (std::size_t i = 0; i < run.outcomes.size(); ++i) {
    const toolchain::Outcome& outcome = run.outcomes[i];
    toolchain::Suite suite{outcome.service, outcome.took, outcome.ok, {}, outcome.output, run.cases[i]};
    if (!outcome.ok) suite.failure = fmt::format("{}: {}", fmt::join(outcome.failed, " "), outcome.why);
    suites.push_back(std::move(suite));
  }
  return toolchain::junit_document(suites);
}

Outcome interrupted() {
  return fail(base::fail(base::Code::interrupted, "interrupted; the tests were ended").error());
}

// Nothing where all could be built, or how it ended.
std::optional<Outcome> build(Context& context, const workspace::Workspace& workspace,
                             const std::set<std::string>& services, const Options& options) {
  system::RealProcesses processes;
  auto subjects = join::subjects(workspace, {services.begin(), services.end()}, processes);
  if (!subjects) return std::unexpected(std::move(subjects.error()));
  std::vector<toolchain::Job> jobs;
  for (const join::Subject& subject : *subjects)
    if (!subject.commands.build.empty())
      jobs.push_back({subject.service->name, subject.service->folder, subject.commands.build});
  const join::StepsRun run =
      join::run_steps(context, jobs, "builds", options.results.verbose, options.results.progress);
  if (run.interrupted) return interrupted();
  for (const toolchain::Outcome& outcome : run.outcomes)
    if (!outcome.ok)
      return fail(
          base::fail(base::Code::buildFailed, fmt::format("{} does not build: {}: {}", outcome.service,
                                                          fmt::join(outcome.failed, " "), outcome.why))
              .error());
  return std::nullopt;
}

// What runs when one of these does: they, and what they need.
std::set<std::string> with_needs(const workspace::Workspace& workspace,
                                 const std::vector<join::Subject>& of) {
  std::set<std::string> out;
  std::function<void(const std::string&)> add = [&](const std::string& name) {
    const workspace::Service* service = workspace.find(name);
    if (service == nullptr || !out.insert(name).second) return;
    for (const auto& need : service->needs) add(need);
  };
  for (const join::Subject& subject : of) add(subject.service->name);
  return out;
}

base::Result<void> write_junit(const std::string& path, const join::IntegrationRun& run) {
  std::vector<toolchain::Suite> suites;
  for (const join::IntegrationResult& result : run.results)
    suites.push_back({result.outcome.service,
                      result.outcome.took,
                      result.outcome.ok,
                      result.outcome.ok ? std::string{} : result.outcome.why,
                      result.outcome.output,
                      {}});
  system::RealFiles files;
  return files.replace(path, toolchain::junit_document(suites));
}

Outcome test_running(Context& context, const Options& options) {
  auto selected = join::select(context, options.services, options.affected, true);
  if (!selected) return std::unexpected(std::move(selected.error()));
  if (selected->none) return join::print_nothing(context, *selected->none);
  const workspace::Workspace* workspace = &selected->workspace;
  system::RealProcesses processes;
  auto all = join::subjects(*workspace, selected->services, processes);
  if (!all) return std::unexpected(std::move(all.error()));
  std::vector<join::Subject> tested;
  std::vector<std::string> without;
  for (const join::Subject& subject : *all)
    if (subject.commands.integration.empty())
      without.push_back(subject.service->name);
    else
      tested.push_back(subject);
  if (auto ended = build(context, *workspace, with_needs(*workspace, tested), options))
    return *std::move(ended);
  const join::IntegrationRun run =
      join::run_integration(context, workspace->root, tested, options.integration);
  if (run.interrupted) return interrupted();
  if (!options.junit.empty())
    if (auto written = write_junit(options.junit, run); !written) return fail(written.error());
  return join::summarize(context, run, without);
}

Outcome test(Context& context, const Options& options) {
  if (options.running) return test_running(context, options);
  auto selected = join::select(context, options.services, options.affected, false);
  if (!selected) return std::unexpected(std::move(selected.error()));
  if (selected->none) return join::print_nothing(context, *selected->none);
  join::Results results(context, selected->workspace, options.results);
  auto all = join::subjects(selected->workspace, selected->services, results.versions());
  if (!all) return std::unexpected(std::move(all.error()));

  std::vector<join::Kept> tested;
  std::vector<std::string> without;
  for (const join::Subject& subject : *all)
    if (subject.commands.test.empty())
      without.push_back(subject.service->name);
    else
      tested.push_back(own_tests(subject));
  const join::KeptRun run = results.run("test", tested);
  if (run.interrupted) return interrupted();
  if (!options.junit.empty()) {
    system::RealFiles files;
    if (auto written = files.replace(options.junit, document(run)); !written) return fail(written.error());
  }
  return join::summarize(context, run, without);
}

Outcome run(Context& context, const Arguments& arguments) {
  bool contract = arguments.on("contract"), stateless = arguments.on("stateless");
  return test(context,
              {.services = arguments.words("SERVICE"),
               .affected = arguments.maybe("affected"),
               .running = contract || stateless || arguments.on("integration"),
               .integration = {contract, stateless, arguments.on("verbose"), arguments.text("progress")},
               .junit = arguments.given("junit") ? context.path(arguments.text("junit")) : std::string{},
               .results = join::keep_options(arguments)});
}

}  // namespace

Command describe_test() {
  return {
      .path = "test",
      .section = Section::start,
      .summary = "run each service's own tests",
      .description =
          "Runs the tests of each service in the service's own toolchain, after its build, several services "
          "side by side. "
          "What a service's tests print is shown when they fail, or with -v.\n\n"
          "What passed is kept: a service whose files, steps, tools and variables are as they were when its "
          "tests passed is not tested again, and what they printed and reported is told from the cache. "
          "`--explain` says why a service is tested; `--no-cache` tests all. Steps see only the variables "
          "that service.yaml or the language name, and those of the machine.\n\n"
          "With `--integration` the tests of the running service are run instead: the service, what it needs "
          "and a gateway are started beside everything else on free ports, and the tests find them behind "
          "`GATEWAY_URL`. Logs, recorded traffic and what the tests said stay in `.msctl/tests/SERVICE`.\n\n"
          "`--contract` then holds the traffic against the service's `openapi.yaml`. `--stateless` runs the "
          "tests again with three replicas, never two requests in succession to the same one, and all of "
          "them "
          "replaced after the 1st, 2nd, 4th, 8th … change: a service that keeps state in its process fails, "
          "and the requests are named where its answers parted.\n\n"
          "With `--affected` only services that a change affects are tested (see `msctl affected`): those "
          "that have "
          "changed themselves, and with the running services also those that need them.",
      .arguments = {services_argument("whose tests; all without")},
      .flags = join::with_keep_flags(
          {join::affected_flag(),
           {.name = "integration", .doc = "the tests of the running service, behind a gateway"},
           {.name = "contract",
            .doc = "the same, and hold what was asked and answered against the OpenAPI document"},
           {.name = "stateless",
            .doc = "the same, and again with three replicas that are replaced in between"},
           {.name = "junit",
            .value = "FILE",
            .kind = Kind::file,
            .doc = "write the results there as JUnit XML, one suite a service"}},
          "run", "run"),
      .examples = {{"msctl test", "the tests of all services"},
                   {"msctl test --affected", "those of the services that this branch has changed"},
                   {"msctl test --integration --contract --stateless",
                    "everything that can be asked of the running services"},
                   {"msctl test orders --junit results.xml", "those of one, with a report for the pipeline"}},
      .exits = {{base::Exit::failed, "tests failed"},
                {base::Exit::unavailable, "a toolchain is missing"},
                {base::Exit::interrupted, "interrupted"}},
      .run = run};
}

}  // namespace msctl::cli::commands
