// pipeline run: the jobs of the pipeline, here.
#include "cli/join/pipeline_run.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/join/affected.h"
#include "runtime/toolchain/steps.h"

namespace msctl::cli::commands {
namespace {

Outcome run(Context& context, const Arguments& arguments) {
  join::PipelineRunOptions options;
  options.services = arguments.words("SERVICE");
  options.affected = arguments.maybe("affected");
  options.job = arguments.text("job");
  options.trunk = arguments.on("trunk");
  options.resume = arguments.on("resume");
  options.keep = arguments.on("keep");
  options.parallel =
      arguments.given("parallel") ? static_cast<unsigned>(arguments.integer("parallel")) : toolchain::cores();
  options.verbose = arguments.on("verbose");
  options.progress = arguments.text("progress");
  return join::run_pipeline(context, options);
}

}  // namespace

Command describe_pipeline_run() {
  return {
      .path = "pipeline run",
      .section = Section::generate,
      .summary = "run the pipeline's jobs here, each in a clean working copy",
      .description =
          "The jobs that `msctl pipeline list` tells, with the same commands, in the same order, each in "
          "a copy of "
          "the files that git would keep, as they are now: committed or not, without anything that is "
          "ignored. "
          "`CI=true` is set. Several jobs run side by side; what waits for a job that failed is skipped, "
          "everything "
          "else goes on.\n\n"
          "Jobs are those of a pull request, which push nothing; `--trunk` adds those of the trunk that "
          "push and deploy, for which everything has to be committed. A job that waits for a person's yes "
          "is run only where `--job` names it. Reports "
          "are put below `.msctl/pipeline/reports`. Copies stand in `$XDG_CACHE_HOME/msctl/copies` and "
          "are removed "
          "when their job has ended.\n\n"
          "After a failure, `--resume` goes on: a job that passed is run again only where its files or "
          "its commands "
          "are others.",
      .arguments = {services_argument("whose jobs to run; all without any")},
      .flags = {join::affected_flag(),
                {.name = "job", .value = "JOB", .doc = "only this one, and those that it waits for"},
                {.name = "trunk", .doc = "the trunk's jobs, too: those that push and deploy"},
                {.name = "resume", .doc = "leave out what passed before and has not changed"},
                {.name = "parallel",
                 .value = "N",
                 .kind = Kind::integer,
                 .doc = "how many jobs run side by side; the number of cores without it",
                 .minimum = 1,
                 .maximum = 1024},
                {.name = "keep", .doc = "do not remove the working copies of jobs that fail"},
                verbose_flag(),
                progress_flag()},
      .examples = {{"msctl pipeline run --affected", "what a pull request of this branch would run"},
                   {"msctl pipeline run --job orders-integration", "one job, and those before it"},
                   {"msctl pipeline run --resume", "after a failure: only what is left"}},
      .exits = {{base::Exit::failed, "a job failed"},
                {base::Exit::config, "the workspace has errors"},
                {base::Exit::unavailable, "no git repository"},
                {base::Exit::interrupted, "interrupted; nothing is left running"}},
      .run = run};
}

}  // namespace msctl::cli::commands
