// lint: each service's own linters.
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/join/affected.h"
#include "cli/join/steps.h"

namespace msctl::cli::commands {
namespace {

Outcome run(Context& context, const Arguments& arguments) {
  auto selected = join::select(context, arguments.words("SERVICE"), arguments.maybe("affected"), false);
  if (!selected) return std::unexpected(std::move(selected.error()));
  if (selected->none) return join::print_nothing(context, *selected->none);
  auto all = join::subjects(selected->workspace, selected->services);
  if (!all) return std::unexpected(std::move(all.error()));

  std::vector<std::string> without;
  std::vector<toolchain::Job> jobs;
  for (const join::Subject& subject : *all)
    if (subject.commands.lint.empty())
      without.push_back(subject.service->name);
    else
      jobs.push_back({subject.service->name, subject.service->folder, subject.commands.lint});
  const join::StepsRun steps =
      join::run_steps(context, jobs, "lint", arguments.on("verbose"), arguments.text("progress"));
  if (steps.interrupted)
    return fail(base::fail(base::Code::interrupted, "interrupted; the linters were ended").error());
  return join::summarize(context, steps, without);
}

}  // namespace

Command describe_lint() {
  return {.path = "lint",
          .section = Section::start,
          .summary = "run each service's own linters",
          .description =
              "Runs the formatter's check and the linter of each service's language, several services side "
              "by side. What they "
              "print is shown when they find something, or with -v.",
          .arguments = {services_argument("which; all without")},
          .flags = {join::affected_flag(), verbose_flag(), progress_flag()},
          .examples = {{"msctl lint", "all services"},
                       {"msctl lint --affected=HEAD~1", "those that the last commit has changed"},
                       {"msctl lint orders -v", "one, with all that its linters print"}},
          .exits = {{base::Exit::failed, "there are findings"},
                    {base::Exit::unavailable, "a toolchain is missing"},
                    {base::Exit::interrupted, "interrupted"}},
          .run = run};
}

}  // namespace msctl::cli::commands
