// pipeline list: the jobs of the workspace's pipeline.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/join/pipeline.h"
#include "cli/join/workspace.h"
#include "cli/output/document.h"
#include "cli/output/table.h"

namespace msctl::cli::commands {
namespace {

using pipeline::Job;
using pipeline::Pipeline;

nlohmann::ordered_json to_json(const Job& job) {
  nlohmann::ordered_json steps = nlohmann::ordered_json::array();
  for (const pipeline::Task& task : job.tasks) steps.push_back({{"name", task.name}, {"command", task.argv}});
  nlohmann::ordered_json out{
      {"id", job.id},           {"service", job.service},     {"kind", pipeline::kind_name(job.kind)},
      {"needs", job.after},     {"steps", std::move(steps)},  {"paths", job.paths},
      {"reports", job.reports}, {"trunkOnly", job.trunk_only}};
  if (!job.environment.empty()) out["environment"] = job.environment;
  if (job.approval) out["approval"] = true;
  return out;
}

nlohmann::ordered_json to_json(const Pipeline& pipeline) {
  nlohmann::ordered_json jobs = nlohmann::ordered_json::array();
  for (const Job& job : pipeline.jobs) jobs.push_back(to_json(job));
  return {{"workspace", pipeline.workspace}, {"trunk", pipeline.trunk}, {"jobs", std::move(jobs)}};
}

std::string steps(const Job& job) {
  std::vector<std::string> names;
  for (const pipeline::Task& task : job.tasks) names.push_back(task.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

void print_table(std::ostream& out, const Pipeline& pipeline) {
  output::Table table({"JOB", "STEPS", "AFTER", "RUNS"});
  for (const Job& job : pipeline.jobs)
    table.add({job.id, steps(job), fmt::format("{}", fmt::join(job.after, ", ")),
               job.approval     ? fmt::format("on {}, after a yes", pipeline.trunk)
               : job.trunk_only ? "on " + pipeline.trunk
                                : "always"});
  table.write(out, false);
}

// Each service's jobs, the later below the one that they wait for.
void print_tree(std::ostream& out, const Pipeline& pipeline) {
  for (const std::string& service : pipeline.services) {
    out << service << '\n';
    std::string indent;
    for (const Job* job : pipeline.of(service)) {
      out << indent << "└─ " << job->short_name() << ": " << steps(*job) << '\n';
      indent += "   ";
    }
  }
}

Outcome run(Context& context, const Arguments& arguments) {
  auto workspace = join::load_workspace(context);
  if (!workspace) return std::unexpected(std::move(workspace.error()));
  auto planned = join::plan_pipeline(*workspace);
  if (!planned) return fail(planned.error());
  output::print(context, to_json(planned->pipeline), [&](std::ostream& out) {
    if (planned->pipeline.jobs.empty())
      out << "no jobs: no service has linters or tests, and no environment a registry\n";
    else if (arguments.on("graph"))
      print_tree(out, planned->pipeline);
    else
      print_table(out, planned->pipeline);
  });
  return base::Exit::ok;
}

}  // namespace

Command describe_pipeline_list() {
  return {
      .path = "pipeline list",
      .section = Section::generate,
      .summary = "the jobs of the pipeline, and which of them wait for which",
      .description =
          "Each service has jobs of its own: `test` runs its linters and its own tests, `integration` the "
          "tests "
          "of the running service with what it needs behind the gateway, once with one replica and once with "
          "three that are replaced meanwhile, `push` builds its image and pushes it, where an environment "
          "has a registry, and `deploy-ENV` deploys it to an environment with a registry and a cluster, in "
          "the order in which `msctl.yaml` has them, after a person's yes where one has `approval: true`. "
          "No job of a service waits for one of another service.",
      .flags = {{.name = "graph", .doc = "as a tree: each job below the one that it waits for"}},
      .examples = {{"msctl pipeline list", "the jobs"},
                   {"msctl pipeline list -o json", "with commands, and the paths whose change begins each"}},
      .exits = {{base::Exit::config, "the workspace has errors"}},
      .run = run};
}

}  // namespace msctl::cli::commands
