#include "cli/join/results.h"

#include <filesystem>
#include <utility>

#include "cli/join/depends.h"
#include "runtime/toolchain/junit.h"

namespace msctl::cli::join {
namespace {

struct Task : Keepable {
  const Kept* asked = nullptr;
  std::optional<std::vector<std::string>> environment;
  std::string cases;
  toolchain::Outcome outcome;
};

}  // namespace

Results::Results(Context& context, const workspace::Workspace& workspace, KeepOptions options)
    : context_(context),
      keeping_(context, workspace, std::move(options),
               {.made = "run",
                .since = "since it passed",
                .never = "it has not passed here yet",
                .result = "result"},
               cache_folder(context), workspace.cache.size) {}

KeptRun Results::run(std::string_view kind, const std::vector<Kept>& asked) {
  std::vector<Task> all(asked.size());
  std::vector<Keepable*> kept;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Task& task = all[i];
    task.asked = &asked[i];
    task.service = asked[i].subject->service;
    Dependence dependence = keeping_.depends(*task.service, kind, asked[i].steps);
    task.environment = std::move(dependence.environment);
    task.depends = std::move(dependence.task);
    kept.push_back(&task);
  }
  keeping_.look_up(kept, [&](std::size_t i, cache::Entry entry) -> base::Result<void> {
    all[i].outcome.service = all[i].service->name;
    all[i].outcome.ok = true;
    all[i].outcome.output = std::move(entry.output);
    all[i].cases = std::move(entry.cases);
    return {};
  });

  const KeepOptions& options = keeping_.options();
  std::vector<toolchain::Job> jobs;
  for (const Task& task : all) {
    if (task.provenance.cached) {
      if (options.verbose) print_output(context_, task.outcome);
      continue;
    }
    std::error_code ignored;
    std::filesystem::remove_all(task.asked->report, ignored);  // of an earlier run
    jobs.push_back({task.service->name, task.service->folder, task.asked->steps, task.environment});
  }
  StepsRun ran =
      run_steps(context_, jobs, kind == "lint" ? "lint" : "tests", options.verbose, options.progress);

  KeptRun out;
  out.interrupted = ran.interrupted;
  std::size_t next = 0;
  for (Task& task : all) {
    if (task.provenance.cached) continue;
    task.outcome = std::move(ran.outcomes[next++]);
    task.made = task.outcome.ok;
    if (!task.asked->report.empty()) task.cases = toolchain::cases_at(task.asked->report);
  }
  keeping_.keep(kept, [&](std::size_t i) {
    return cache::Entry{all[i].outcome.output, all[i].cases, all[i].outcome.took};
  });
  for (Task& task : all) {
    out.outcomes.push_back(std::move(task.outcome));
    out.provenance.push_back(std::move(task.provenance));
    out.cases.push_back(std::move(task.cases));
  }
  return out;
}

}  // namespace msctl::cli::join
