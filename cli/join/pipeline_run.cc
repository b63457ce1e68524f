#include "cli/join/pipeline_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "cli/command.h"
#include "cli/flags.h"
#include "cli/join/affected.h"
#include "cli/join/attachments.h"
#include "cli/join/depends.h"
#include "cli/join/pipeline.h"
#include "cli/join/pipeline_view.h"
#include "cli/join/steps.h"
#include "cli/join/workspace.h"
#include "cli/output/colour.h"
#include "cli/output/document.h"
#include "cli/output/table.h"
#include "pipelines/run/copies.h"
#include "pipelines/run/memory.h"
#include "runtime/git/snapshot.h"
#include "runtime/system/files.h"
#include "runtime/system/processes.h"

namespace msctl::cli::join {
namespace {

using pipeline::Ended;
using pipeline::Job;
using pipeline::Verdict;

// Which jobs are asked for, and which of them for a service of which only a need has changed.
struct Asked {
  workspace::Workspace workspace;
  std::vector<std::string> services;
  std::set<std::string> through_needs;
  std::optional<std::string> none;
};

std::expected<Asked, base::Errors> ask(const Context& context, const PipelineRunOptions& options) {
  if (!options.affected) {
    auto workspace = load_workspace(context);
    if (!workspace) return std::unexpected(std::move(workspace.error()));
    if (auto known = expect_known(options.services, workspace->service_names()); !known)
      return fail(known.error());
    std::vector<std::string> services =
        options.services.empty() ? workspace->service_names() : options.services;
    return Asked{std::move(*workspace), std::move(services), {}, std::nullopt};
  }
  auto compared = compare_workspace(context, *options.affected);
  if (!compared) return std::unexpected(std::move(compared.error()));
  if (auto known = expect_known(options.services, compared->workspace.service_names()); !known)
    return fail(known.error());
  Asked out{std::move(compared->workspace), {}, {}, std::nullopt};
  for (const graph::Affected& each : compared->verdict.services) {
    if (!options.services.empty() &&
        std::ranges::find(options.services, each.service) == options.services.end())
      continue;
    out.services.push_back(each.service);
    if (!each.itself()) out.through_needs.insert(each.service);
  }
  if (out.services.empty()) out.none = none_affected(compared->base);
  return out;
}

// Whoever names a job with --job has said yes to it.
bool is_asked(const Job& job, const PipelineRunOptions& options, const std::set<std::string>& wanted) {
  if (!options.job.empty()) return wanted.contains(job.id) && (!job.approval || job.id == options.job);
  return !job.approval && (options.trunk || !job.trunk_only);
}

std::vector<const Job*> choose(const pipeline::Pipeline& pipeline, const Asked& asked,
                               const PipelineRunOptions& options) {
  std::set<std::string> wanted;
  std::function<void(const Job&)> want = [&](const Job& job) {
    if (!wanted.insert(job.id).second) return;
    for (const std::string& id : job.after)
      if (const Job* before = pipeline.find(id)) want(*before);
  };
  if (!options.job.empty()) want(*pipeline.find(options.job));
  std::vector<const Job*> out;
  for (const Job& job : pipeline.jobs) {
    const bool is_touched = std::ranges::find(asked.services, job.service) != asked.services.end() &&
                            (job.through_needs || !asked.through_needs.contains(job.service));
    if (is_touched && is_asked(job, options, wanted)) out.push_back(&job);
  }
  return out;
}

// Runs one job after another as the schedule says, from several threads.
class Runner {
public:
  Runner(Context& context, const workspace::Workspace& workspace, const PipelineRunOptions& options,
         const git::Repository& repository, const std::vector<git::SnapshotFile>& files, PipelineView& view)
      : context_(context),
        root_(workspace.root),
        options_(options),
        files_(files),
        prefix_(repository.prefix_of(workspace.root)),
        view_(view),
        copies_(folder_of_copies(context), repository, files) {
    if (auto text = disk_.read(memory_path())) before_ = pipeline::parse_memory(*text);
  }

  Ended run(const Job& job) {
    Ended out{&job, Verdict::passed, context_.clock.now(), {}, {}, {}};
    const std::string key = pipeline::key_of(job, files_, prefix_);
    if (auto found = before_.find(job.id);
        options_.resume && found != before_.end() && found->second == key) {
      out.verdict = Verdict::kept;
      out.end = out.begin;
    } else {
      run_in_copy(job, out);
      out.end = context_.clock.now();
    }
    const std::lock_guard lock(mutex_);
    if (out.verdict == Verdict::passed || out.verdict == Verdict::kept)
      after_[job.id] = key;
    else
      after_.erase(job.id);
    return out;
  }

  // Jobs of another run stay remembered: what they passed with is in their key.
  base::Result<void> remember(const std::vector<const Job*>& jobs) {
    pipeline::Memory all = before_;
    for (const Job* job : jobs) all.erase(job->id);
    for (const auto& [id, key] : after_) all[id] = key;
    return disk_.replace(memory_path(), pipeline::print_memory(all));
  }

private:
  std::string memory_path() const { return root_ + "/.msctl/pipeline/passed.json"; }

  static std::string folder_of_copies(Context& context) {
    const std::string cache = cache_folder(context);
    return (cache.empty() ? "/tmp/.cache/msctl" : cache) + "/copies";
  }

  void run_in_copy(const Job& job, Ended& out) {
    auto copy = copies_.take();
    if (!copy) {
      out.verdict = Verdict::failed;
      out.failed = "check out";
      out.output = copy.error().message + "\n";
      return;
    }
    const std::string folder = copy->folder() + "/" + prefix_;
    for (const pipeline::Task& task : job.tasks)
      if (out.verdict == Verdict::passed) run_task(job, task, folder, out);
    take_reports(job, folder);
    if (out.verdict == Verdict::failed && options_.keep) {
      copy->keep();
      view_.note(job.id, "its working copy is kept: " + copy->folder());
    } else if (out.verdict == Verdict::passed) {
      copies_.give_back(*std::move(copy));
    }
  }

  void run_task(const Job& job, const pipeline::Task& task, const std::string& folder, Ended& out) {
    view_.task(job, task.name);
    system::Command command;
    command.argv = task.argv;
    command.argv[0] = context_.program;
    command.folder = folder;
    command.env = {{"CI", "true"}};
    if (options_.verbose) command.env["MSCTL_VERBOSE"] = "true";
    command.cancel = context_.signals.descriptor();
    command.grace = std::chrono::seconds(10);  // in which it ends what it has started
    auto finished = processes_.run(command);
    if (!finished) {
      out.output += finished.error().message + "\n";
    } else {
      out.output += finished->output;
      if (finished->ok()) return;
    }
    out.failed = task.name;
    out.verdict = finished && finished->cancelled ? Verdict::cancelled : Verdict::failed;
  }

  // To where they can be read when the copy is gone.
  void take_reports(const Job& job, const std::string& folder) {
    for (const std::string& report : job.reports)
      if (auto text = disk_.read(folder + "/" + report))
        if (auto written = disk_.replace(root_ + "/.msctl/pipeline/" + report, *text); !written)
          view_.note(job.id, written.error().message);
  }

  Context& context_;
  std::string root_;
  const PipelineRunOptions& options_;
  const std::vector<git::SnapshotFile>& files_;
  std::string prefix_;
  PipelineView& view_;
  pipeline::Copies copies_;
  system::RealFiles disk_;
  system::RealProcesses processes_;
  std::mutex mutex_;
  pipeline::Memory before_, after_;
};

nlohmann::ordered_json to_json(const Ended& ended) {
  nlohmann::ordered_json out{{"id", ended.job->id},
                             {"service", ended.job->service},
                             {"result", pipeline::verdict_name(ended.verdict)},
                             {"seconds", seconds(ended.end - ended.begin)}};
  if (!ended.failed.empty()) out["failed"] = ended.failed;
  return out;
}

void print_table(std::ostream& out, const std::vector<Ended>& ended, base::Duration took, bool colours) {
  const output::Palette& colour = output::palette(colours);
  output::Table table({"JOB", "RESULT", ">SECONDS"});
  for (const Ended& one : ended) {
    const std::string_view paint = one.verdict == Verdict::failed    ? colour.red
                                   : one.verdict == Verdict::skipped ? colour.yellow
                                                                     : colour.green;
    table.add({one.job->id,
               {std::string(pipeline::verdict_name(one.verdict)), paint},
               one.end > one.begin ? fmt::format("{:.1f}", seconds(one.end - one.begin)) : "-"});
  }
  table.write(out, colours);
  std::vector<std::string> path;
  for (const Ended* one : pipeline::critical_path(ended))
    path.push_back(fmt::format("{} {:.1f} s", one->job->id, seconds(one->end - one->begin)));
  if (!path.empty())
    out << fmt::format("\n{:.1f} s; the longest chain: {}\n", seconds(took), fmt::join(path, ", "));
}

base::Exit print(Context& context, const std::vector<Ended>& ended, base::Duration took) {
  nlohmann::ordered_json jobs = nlohmann::ordered_json::array(), path = nlohmann::ordered_json::array();
  std::vector<std::string> failed;
  for (const Ended& one : ended) {
    jobs.push_back(to_json(one));
    if (one.verdict == Verdict::failed) failed.push_back(one.job->id);
  }
  for (const Ended* one : pipeline::critical_path(ended)) path.push_back(one->job->id);
  base::Errors errors;
  if (!failed.empty())
    errors.push_back(
        base::fail(base::Code::pipelineFailed, fmt::format("failed: {}", fmt::join(failed, ", "))).error());
  output::print(
      context, {{"jobs", std::move(jobs)}, {"criticalPath", std::move(path)}, {"seconds", seconds(took)}},
      [&](std::ostream& out) { print_table(out, ended, took, context.settings.colour_out); }, errors);
  return failed.empty() ? base::Exit::ok : base::Exit::failed;
}

// Images that are pushed or deployed are named after the commit, which has to be what is here.
base::Result<void> resolve(pipeline::Pipeline& pipeline, const std::vector<const Job*>& jobs,
                           const std::string& root) {
  if (std::ranges::none_of(jobs, &Job::needs_commit)) return {};
  auto commit = clean_commit(root);
  if (!commit) {
    if (commit.error().code == base::Code::dirtyTree)
      commit.error().suggestion = "commit it: images are named after the commit that they are made of";
    return std::unexpected(std::move(commit.error()));
  }
  pipeline.resolve(*commit);
  return {};
}

base::Exit print_none(Context& context, const std::string& why) {
  const auto none = nlohmann::ordered_json::array();
  output::print(context, {{"jobs", none}, {"criticalPath", none}, {"seconds", 0}},
                [&](std::ostream& out) { out << why << '\n'; });
  return base::Exit::ok;
}

}  // namespace

std::expected<base::Exit, base::Errors> run_pipeline(Context& context, const PipelineRunOptions& options) {
  const base::Instant begin = context.clock.now();
  auto asked = ask(context, options);
  if (!asked) return std::unexpected(std::move(asked.error()));
  if (asked->none) return print_none(context, *asked->none);
  auto planned = plan_pipeline(asked->workspace);
  if (!planned) return fail(planned.error());
  std::vector<std::string> ids;
  for (const Job& job : planned->pipeline.jobs) ids.push_back(job.id);
  if (!options.job.empty())
    if (auto known = expect_known({options.job}, ids, "job"); !known) return fail(known.error());
  const std::vector<const Job*> jobs = choose(planned->pipeline, *asked, options);

  if (jobs.empty()) return print_none(context, "no job: nothing is there to lint, to test or to push");
  if (auto resolved = resolve(planned->pipeline, jobs, asked->workspace.root); !resolved)
    return fail(resolved.error());
  auto repository = git::Repository::open(asked->workspace.root);
  if (!repository) return fail(repository.error());
  auto files = git::snapshot(*repository, {});
  if (!files) return fail(files.error());

  context.signals.watch({SIGINT, SIGTERM});
  std::vector<Ended> ended;
  {
    PipelineView view(context, options.progress, jobs.size(), options.verbose);
    Runner runner(context, asked->workspace, options, *repository, *files, view);
    ended = pipeline::schedule(
        jobs, options.parallel, context.clock, [&](const Job& job) { return runner.run(job); },
        {[&](const Job& job) { view.begun(job); }, [&](const Ended& one) { view.ended(one); }});
    if (auto remembered = runner.remember(jobs); !remembered)
      view.note("pipeline", remembered.error().message);
  }
  if (context.signals.interrupted())
    return fail(base::fail(base::Code::interrupted, "interrupted; the jobs were ended").error());
  return print(context, ended, context.clock.now() - begin);
}

}  // namespace msctl::cli::join
