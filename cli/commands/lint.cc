// lint: each service's own linters.
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/join/affected.h"
#include "cli/join/results.h"
#include "cli/join/steps.h"

namespace msctl::cli::commands {
namespace {

Outcome run(Context& context, const Arguments& arguments) {
  auto selected = join::select(context, arguments.words("SERVICE"), arguments.maybe("affected"), false);
  if (!selected) return std::unexpected(std::move(selected.error()));
  if (selected->none) return join::print_nothing(context, *selected->none);
  join::Results results(context, selected->workspace, join::keep_options(arguments));
  auto all = join::subjects(selected->workspace, selected->services, results.versions());
  if (!all) return std::unexpected(std::move(all.error()));

  std::vector<std::string> without;
  std::vector<join::Kept> linted;
  for (const join::Subject& subject : *all)
    if (subject.commands.lint.empty())
      without.push_back(subject.service->name);
    else
      linted.push_back({&subject, subject.commands.lint, {}});
  const join::StepsRun steps = results.run("lint", linted);
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
              "print is shown when they find something, or with -v.\n\n"
              "What passed is kept: a service of which nothing has changed since is not linted again. See "
              "`msctl test`.",
          .arguments = {services_argument("which; all without")},
          .flags = join::with_keep_flags({join::affected_flag()}, "run", "run"),
          .examples = {{"msctl lint", "all services"},
                       {"msctl lint --affected=HEAD~1", "those that the last commit has changed"},
                       {"msctl lint orders -v", "one, with all that its linters print"}},
          .exits = {{base::Exit::failed, "there are findings"},
                    {base::Exit::unavailable, "a toolchain is missing"},
                    {base::Exit::interrupted, "interrupted"}},
          .run = run};
}

}  // namespace msctl::cli::commands
