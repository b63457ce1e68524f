// test: each service's own tests.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/join/steps.h"
#include "cli/join/workspace.h"
#include "runtime/system/files.h"
#include "runtime/toolchain/junit.h"

namespace msctl::cli::commands {
namespace {

struct Options {
  std::vector<std::string> services;
  std::string junit;  // absolute; empty: none
  bool verbose = false;
  std::string progress;
};

std::string own_results(const join::Subject& subject) {
  return subject.service->folder + "/" + subject.commands.junit.file;
}

// The build first, since tests may need what it makes.
toolchain::Job job_of(const join::Subject& subject, bool junit) {
  toolchain::Job out{subject.service->name, subject.service->folder, subject.commands.build};
  out.steps.insert(out.steps.end(), subject.commands.test.begin(), subject.commands.test.end());
  if (junit && !subject.commands.junit.file.empty()) {
    const toolchain::Argv& more = subject.commands.junit.arguments;
    out.steps.back().insert(out.steps.back().end(), more.begin(), more.end());
    std::error_code ignored;
    std::filesystem::remove_all(own_results(subject), ignored);  // of an earlier run
  }
  return out;
}

std::string document(const std::vector<join::Subject>& subjects,
                     const std::vector<toolchain::Outcome>& outcomes) {
  std::vector<toolchain::Suite> suites;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const toolchain::Outcome& outcome = outcomes[i];
    toolchain::Suite suite{outcome.service, outcome.took, outcome.ok, {}, outcome.output, {}};
    if (!outcome.ok) suite.failure = fmt::format("{}: {}", fmt::join(outcome.failed, " "), outcome.why);
    if (!subjects[i].commands.junit.file.empty())
      suite.own_cases = toolchain::cases_at(own_results(subjects[i]));
    suites.push_back(std::move(suite));
  }
  return toolchain::junit_document(suites);
}

Outcome test(Context& context, const Options& options) {
  auto workspace = join::load_workspace(context);
  if (!workspace) return std::unexpected(std::move(workspace.error()));
  auto all = join::subjects(*workspace, options.services);
  if (!all) return std::unexpected(std::move(all.error()));

  std::vector<join::Subject> tested;
  std::vector<std::string> without;
  std::vector<toolchain::Job> jobs;
  for (const join::Subject& subject : *all) {
    if (subject.commands.test.empty()) {
      without.push_back(subject.service->name);
      continue;
    }
    tested.push_back(subject);
    jobs.push_back(job_of(subject, !options.junit.empty()));
  }
  const join::StepsRun run = join::run_steps(context, jobs, "tests", options.verbose, options.progress);
  if (run.interrupted)
    return fail(base::fail(base::Code::interrupted, "interrupted; the tests were ended").error());
  if (!options.junit.empty()) {
    system::RealFiles files;
    if (auto written = files.replace(options.junit, document(tested, run.outcomes)); !written)
      return fail(written.error());
  }
  return join::summarize(context, run, without);
}

Outcome run(Context& context, const Arguments& arguments) {
  return test(context,
              {.services = arguments.words("SERVICE"),
               .junit = arguments.given("junit") ? context.path(arguments.text("junit")) : std::string{},
               .verbose = arguments.on("verbose"),
               .progress = arguments.text("progress")});
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
          "What a service's tests print is shown when they fail, or with -v.",
      .arguments = {services_argument("whose tests; all without")},
      .flags = {{.name = "junit",
                 .value = "FILE",
                 .kind = Kind::file,
                 .doc = "write the results there as JUnit XML, one suite a service"},
                verbose_flag(),
                progress_flag()},
      .examples = {{"msctl test", "the tests of all services"},
                   {"msctl test orders --junit results.xml", "those of one, with a report for the pipeline"}},
      .exits = {{base::Exit::failed, "tests failed"},
                {base::Exit::unavailable, "a toolchain is missing"},
                {base::Exit::interrupted, "interrupted"}},
      .run = run};
}

}  // namespace msctl::cli::commands
