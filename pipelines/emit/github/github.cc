#include "pipelines/emit/github/github.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pipelines/emit/container.h"
#include "pipelines/emit/github/steps.h"
#include "pipelines/emit/script.h"
#include "runtime/base/yaml/write.h"

namespace msctl::emit::github {
namespace {

using Json = nlohmann::ordered_json;
using pipeline::Job;
using pipeline::Kind;
using pipeline::Pipeline;

constexpr std::string_view kAction = "./.github/actions/msctl";
constexpr std::string_view kRunner = "ubuntu-24.04";

Json triggers(const Pipeline& pipeline) {
  return {{"push", {{"branches", Json::array({pipeline.trunk})}}},
          {"pull_request", Json::object()},
          {"workflow_dispatch", Json::object()}};
}

// Where msctl comes from, for the action.
Json environment(const Pipeline& pipeline) {
  if (pipeline.msctl.archive.empty())
    return {{"MSCTL_ARCHIVE", "${{ vars.MSCTL_ARCHIVE }}"}, {"MSCTL_SHA256", "${{ vars.MSCTL_SHA256 }}"}};
  return {{"MSCTL_ARCHIVE", pipeline.msctl.archive}, {"MSCTL_SHA256", pipeline.msctl.sha256}};
}

Json reading() {
  return {{"contents", yaml::with_comment("read", "to check out")}};
}

// What the other jobs ask: services in two lists.
std::string tell_affected(const Pipeline& pipeline) {
  return compare(pipeline, "$RUNNER_TEMP/affected.json") +
         "{\n"
         "  echo \"itself=$itself\"\n"
         "  echo \"touched=$touched\"\n"
         "} >>\"$GITHUB_OUTPUT\"\n";
}

Json affected(const Pipeline& pipeline) {
  Json steps = Json::array();
  steps.push_back(check_out(pipeline, true));
  steps.push_back({{"name", "Get msctl"}, {"uses", kAction}});
  steps.push_back({{"name", "Check the workspace"}, {"run", "msctl check"}});
  steps.push_back(
      {{"name", "Compare"},
       {"id", "compare"},
       {"env", {{"BASE", "${{ github.event_name == 'pull_request' && 'HEAD^1' || github.event.before }}"}}},
       {"run", tell_affected(pipeline)}});
  return {{"name", "what changed"},
          {"runs-on", kRunner},
          {"timeout-minutes", 10},
          {"permissions", reading()},
          {"outputs",
           {{"itself", "${{ steps.compare.outputs.itself }}"},
            {"touched", "${{ steps.compare.outputs.touched }}"}}},
          {"steps", std::move(steps)}};
}

std::string condition(const Pipeline& pipeline, const Job& job) {
  std::string out = fmt::format("contains(fromJSON(needs.affected.outputs.{}), '{}')",
                                job.through_needs ? "touched" : "itself", job.service);
  if (job.trunk_only)
    out = fmt::format("github.event_name != 'pull_request' && github.ref == 'refs/heads/{}' && {}",
                      pipeline.trunk, out);
  // A job before it that had nothing to do is skipped, and would take this one with it.
  if (!job.after.empty()) out = "!failure() && !cancelled() && " + out;
  return fmt::format("${{{{ {} }}}}", out);
}

Json permissions(const Job& job) {
  Json out = reading();
  // A deploy pushes the gateway's image.
  if (job.trunk_only && registry_host(job.registry) == "ghcr.io")
    out["packages"] = yaml::with_comment("write", "to push");
  return out;
}

Json job_steps(const Pipeline& pipeline, const Job& job) {
  Json steps = Json::array();
  steps.push_back(check_out(pipeline, false));
  steps.push_back({{"name", "Get msctl"}, {"uses", kAction}});
  for (Json& step : toolchains(pipeline, job)) steps.push_back(std::move(step));
  if (job.keeps_results()) steps.push_back(keep_results(pipeline, job));
  for (Json& step : tasks(pipeline, job)) steps.push_back(std::move(step));
  if (!job.reports.empty()) steps.push_back(keep_reports(pipeline, job));
  return steps;
}

Json write(const Pipeline& pipeline, const Job& job) {
  std::vector<std::string> needs{"affected"};
  needs.insert(needs.end(), job.after.begin(), job.after.end());
  Json out{{"name", title(job)},
           {"needs", needs},
           {"if", condition(pipeline, job)},
           {"runs-on", kRunner},
           {"timeout-minutes", minutes(pipeline.timeout)}};
  if (!job.environment.empty()) out["environment"] = job.environment;
  if (job.trunk_only)
    out["concurrency"] = {{"group", job.id},
                          {"cancel-in-progress", false}};  // two of one service never cross
  out["permissions"] = permissions(job);
  out["steps"] = job_steps(pipeline, job);
  return out;
}

// The one check that a branch needs to require.
Json verdict(const Pipeline& pipeline) {
  std::vector<std::string> needs{"affected"};
  for (const Job& job : pipeline.jobs) needs.push_back(job.id);
  Json steps = Json::array();
  steps.push_back(
      {{"name", "One of them failed"},
       {"if", "${{ contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled') }}"},
       {"run", "exit 1"}});
  return {{"name", "pipeline"},       {"needs", needs},       {"if", "${{ always() }}"},
          {"runs-on", kRunner},       {"timeout-minutes", 5}, {"permissions", Json::object()},
          {"steps", std::move(steps)}};
}

std::string workflow(const Pipeline& pipeline) {
  Json jobs{{"affected", affected(pipeline)}};
  for (const Job& job : pipeline.jobs) {
    yaml::add_note(jobs, "");
    jobs[job.id] = write(pipeline, job);
  }
  yaml::add_note(jobs, "");
  jobs["pipeline"] = verdict(pipeline);
  Json out = Json::object();
  yaml::add_note(out, generated::header);
  out["name"] = pipeline.workspace;
  out["on"] = triggers(pipeline);
  yaml::add_note(out, "");
  out["permissions"] = Json::object();
  yaml::add_note(out, "");
  // A newer state of a pull request takes the place of the older one; each commit of a branch has its own.
  out["concurrency"] = {{"group", fmt::format("{}-${{{{ github.event.pull_request.number || github.sha }}}}",
                                              pipeline.workspace)},
                        {"cancel-in-progress", true}};
  yaml::add_note(out, "");
  out["defaults"] = {{"run", {{"shell", "bash"}}}};
  yaml::add_note(out, "");
  out["env"] = environment(pipeline);
  yaml::add_note(out, "");
  out["jobs"] = std::move(jobs);
  return yaml::write(out);
}

std::string action() {
  Json steps = Json::array();
  steps.push_back(
      {{"name", "Install msctl"},
       {"shell", "bash"},
       {"run", install_msctl("$RUNNER_TEMP/msctl",
                             "sudo ln -sf \"$RUNNER_TEMP/msctl/bin/msctl\" /usr/local/bin/msctl")}});
  Json out = Json::object();
  yaml::add_note(out, generated::header);
  out["name"] = "msctl";
  out["description"] = "Puts msctl on PATH: the archive at $MSCTL_ARCHIVE, held against $MSCTL_SHA256.";
  out["runs"] = {{"using", "composite"}, {"steps", std::move(steps)}};
  return yaml::write(out);
}

}  // namespace

generated::Emitted emit(const Pipeline& pipeline) {
  return {{{fmt::format(".github/workflows/{}.yaml", pipeline.workspace), workflow(pipeline)},
           {".github/actions/msctl/action.yaml", action()}}};
}

}  // namespace msctl::emit::github
