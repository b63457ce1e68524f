#include "pipelines/emit/azure/azure.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipelines/emit/container.h"
#include "pipelines/emit/script.h"
#include "runtime/base/yaml/write.h"

namespace msctl::emit::azure {
namespace {

using Json = nlohmann::ordered_json;
using pipeline::Job;
using pipeline::Kind;
using pipeline::Pipeline;

constexpr std::string_view kWorkingCopy = "$(Build.SourcesDirectory)";

// Names of jobs have letters, digits and '_' only.
std::string name_of(std::string id) {
  std::ranges::replace(id, '-', '_');
  return id;
}

Json check_out(bool whole) {
  Json out{{"checkout", "self"}};
  out["fetchDepth"] = whole ? "0" : "1";
  out["persistCredentials"] = false;
  return out;
}

// Whatever stands in a job is a text, numbers and switches, too.
Json as_texts(Json value) {
  if (value.is_structured())
    for (Json& each : value) each = as_texts(std::move(each));
  else if (!value.is_string())
    value = value.dump();
  return value;
}

Json bash(std::string_view title, std::string script) {
  return {{"bash", "set -euo pipefail\n" + std::move(script)}, {"displayName", title}};
}

Json cache(std::string_view title, std::string key, std::string restore, std::string path) {
  Json inputs{{"key", std::move(key)}};
  if (!restore.empty()) inputs["restoreKeys"] = std::move(restore);
  inputs["path"] = std::move(path);
  return {{"task", "Cache@2"}, {"displayName", title}, {"inputs", std::move(inputs)}};
}

// In a container as root, since apt-get must be.
Json container(const Pipeline& pipeline) {
  return {{"image", image(pipeline)}, {"options", "--user 0"}};
}

Json prepare(const Job* job) {
  Json out = bash("Get packages and msctl", preparation());
  out["env"] = {{"PACKAGES", job == nullptr ? common_packages() + " jq" : packages(*job)}};
  return out;
}

// The commit that is compared with: what a pull request goes to, else the one that was looked at last.
std::string base() {
  return "if [ \"$BUILD_REASON\" = PullRequest ]; then\n"
         "  BASE=HEAD^1\n"
         "else\n"
         "  BASE=$(cat .cache/looked-at/commit 2>/dev/null || true)\n"
         "fi\n";
}

Json affected(const Pipeline& pipeline) {
  Json steps = Json::array({check_out(true), prepare(nullptr)});
  steps.push_back(bash("Check the workspace", "msctl check\n"));
  steps.push_back(cache("What was looked at last", "looked-at | \"$(Build.SourceVersion)\"", "looked-at",
                        fmt::format("{}/.cache/looked-at", kWorkingCopy)));
  Json compared =
      bash("Compare", "git config --global --add safe.directory \"$PWD\"\n" + base() +
                          compare(pipeline, "$AGENT_TEMPDIRECTORY/affected.json") +
                          "mkdir -p .cache/looked-at\n"
                          "git rev-parse HEAD >.cache/looked-at/commit\n"
                          "echo \"##vso[task.setvariable variable=itself;isOutput=true]$itself\"\n"
                          "echo \"##vso[task.setvariable variable=touched;isOutput=true]$touched\"\n");
  compared["name"] = "compare";
  steps.push_back(std::move(compared));
  return {{"job", "affected"},
          {"displayName", "what changed"},
          {"timeoutInMinutes", 10},
          {"container", container(pipeline)},
          {"steps", std::move(steps)}};
}

std::string condition(const Pipeline& pipeline, const Job& job) {
  std::vector<std::string> all{"not(failed())", "not(canceled())"};  // one before it may have been skipped
  all.push_back(fmt::format("contains(dependencies.affected.outputs['compare.{}'], '\"{}\"')",
                            job.through_needs ? "touched" : "itself", job.service));
  if (job.trunk_only) {
    all.push_back("ne(variables['Build.Reason'], 'PullRequest')");
    all.push_back(fmt::format("eq(variables['Build.SourceBranch'], 'refs/heads/{}')", pipeline.trunk));
  }
  return fmt::format("and({})", fmt::join(all, ", "));
}

Json publish() {
  return {{"task", "PublishTestResults@2"},
          {"displayName", "Publish the reports"},
          {"condition", "succeededOrFailed()"},
          {"inputs", {{"testResultsFormat", "JUnit"}, {"testResultsFiles", "reports/*.xml"}}}};
}

Json steps(const Job& job, const KeptFolders& kept) {
  Json out = Json::array({check_out(false)});
  for (std::size_t i = 0; i < kept.paths.size(); ++i)
    out.push_back(cache(fmt::format("Keep {}", kept.paths[i]),
                        fmt::format("{} | {}", kept.paths[i].substr(7), fmt::join(kept.keys, " | ")),
                        kept.paths[i].substr(7), fmt::format("{}/{}", kWorkingCopy, kept.paths[i])));
  if (job.keeps_results())
    out.push_back(cache("Keep msctl's results",
                        fmt::format("msctl | {} | \"$(Build.SourceVersion)\"", job.id),
                        fmt::format("msctl | {}", job.id), fmt::format("{}/.cache/msctl", kWorkingCopy)));
  out.push_back(prepare(&job));
  const std::vector<std::string> lines = task_lines(job, "BUILD_SOURCEVERSION");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Json step = bash(job.tasks[i].name, lines[i] + "\n");
    // Secret variables reach a script only by being named.
    for (std::string_view name : credentials(job))
      step["env"][std::string(name)] = fmt::format("$({})", name);
    out.push_back(std::move(step));
  }
  if (!job.reports.empty()) out.push_back(publish());
  return out;
}

Json write(const Pipeline& pipeline, const Job& job) {
  const KeptFolders kept = kept_folders(job, kWorkingCopy);
  Json depends = Json::array({"affected"});
  for (const std::string& id : job.after) depends.push_back(name_of(id));
  const bool deploys = job.kind == Kind::deploy;
  Json out{{deploys ? "deployment" : "job", name_of(job.id)},
           {"displayName", title(job)},
           {"dependsOn", std::move(depends)},
           {"condition", condition(pipeline, job)},
           {"timeoutInMinutes", minutes(pipeline.timeout)},
           {"container", container(pipeline)}};
  if (!kept.variables.empty()) out["variables"] = kept.variables;
  if (deploys) {
    // Who has to say yes stands in the environment's checks, in Azure itself.
    out["environment"] = job.environment;
    out["strategy"] = {{"runOnce", {{"deploy", {{"steps", steps(job, kept)}}}}}};
  } else {
    out["steps"] = steps(job, kept);
  }
  return out;
}

}  // namespace

generated::Emitted emit(const Pipeline& pipeline) {
  Json jobs = Json::array({affected(pipeline)});
  for (const Job& job : pipeline.jobs) jobs.push_back(write(pipeline, job));
  Json out = Json::object();
  yaml::add_note(out, generated::header);
  out["trigger"] = {{"branches", {{"include", Json::array({pipeline.trunk})}}}};
  out["pr"] = {{"branches", {{"include", Json::array({"*"})}}}};
  yaml::add_note(out, "");
  out["pool"] = {{"vmImage", "ubuntu-24.04"}};
  yaml::add_note(out, "");
  out["variables"] = Json{{"XDG_CACHE_HOME", fmt::format("{}/.cache", kWorkingCopy)}};
  if (!pipeline.msctl.archive.empty()) {
    out["variables"]["MSCTL_ARCHIVE"] = pipeline.msctl.archive;
    out["variables"]["MSCTL_SHA256"] = pipeline.msctl.sha256;
  }
  yaml::add_note(out, "");
  out["jobs"] = as_texts(std::move(jobs));
  return {{{"azure-pipelines.yml", yaml::write(out)}}};
}

}  // namespace msctl::emit::azure
