#include "pipelines/emit/gitlab/gitlab.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipelines/emit/container.h"
#include "pipelines/emit/script.h"
#include "runtime/base/yaml/write.h"

namespace msctl::emit::gitlab {
namespace {

using Json = nlohmann::ordered_json;
using pipeline::Job;
using pipeline::Kind;
using pipeline::Pipeline;

// Only what is below the project's folder can be kept.
constexpr std::string_view kWorkingCopy = "$CI_PROJECT_DIR";

std::string_view stage(Kind kind) {
  return pipeline::kind_name(kind);
}

// Merge requests, the trunk, and whoever presses the button.
Json workflow(const Pipeline& pipeline) {
  Json rules = Json::array();
  rules.push_back({{"if", "$CI_PIPELINE_SOURCE == \"merge_request_event\""}});
  rules.push_back({{"if", fmt::format("$CI_COMMIT_BRANCH == \"{}\"", pipeline.trunk)}});
  return {{"rules", std::move(rules)}};
}

Json defaults(const Pipeline& pipeline) {
  return {{"image", image(pipeline)},
          {"interruptible", true},
          {"timeout", fmt::format("{} minutes", minutes(pipeline.timeout))},
          {"retry", {{"max", 1}, {"when", {"runner_system_failure", "stuck_or_timeout_failure"}}}}};
}

Json variables(const Pipeline& pipeline) {
  Json out{{"XDG_CACHE_HOME", fmt::format("{}/.cache", kWorkingCopy)}};
  if (!pipeline.msctl.archive.empty()) {
    out["MSCTL_ARCHIVE"] = pipeline.msctl.archive;
    out["MSCTL_SHA256"] = pipeline.msctl.sha256;
  }
  return out;
}

Json common() {
  return {{"variables", {{"PACKAGES", common_packages()}}}, {"before_script", Json::array({preparation()})}};
}

Json check() {
  return {{"extends", ".msctl"}, {"stage", ".pre"}, {"script", Json::array({"msctl check"})}};
}

Json rules(const Pipeline& pipeline, const Job& job) {
  Json rule = Json::object();
  if (job.trunk_only) rule["if"] = fmt::format("$CI_COMMIT_BRANCH == \"{}\"", pipeline.trunk);
  std::vector<std::string> paths;
  for (const std::string& path : job.paths)
    paths.push_back(path == "**" ? "**/*" : path.ends_with("/**") ? path + "/*" : path);
  rule["changes"] = std::move(paths);
  if (job.approval) {
    rule["when"] = "manual";
    rule["allow_failure"] = false;  // what comes after it waits
  }
  return Json::array({std::move(rule)});
}

Json caches(const Job& job, const KeptFolders& folders) {
  Json out = Json::array();
  if (!folders.paths.empty()) {
    // GitLab takes two files for a key at most.
    const std::vector<std::string> keys(
        folders.keys.begin(), folders.keys.begin() + std::min<std::ptrdiff_t>(2, std::ssize(folders.keys)));
    out.push_back({{"key", {{"files", keys}, {"prefix", job.id}}}, {"paths", folders.paths}});
  }
  if (job.keeps_results())
    out.push_back({{"key", "msctl-" + job.id}, {"paths", Json::array({".cache/msctl"})}});
  return out;
}

Json needs(const Job& job) {
  Json out = Json::array();
  for (const std::string& id : job.after) out.push_back({{"job", id}, {"optional", true}});
  return out;
}

Json artefacts(const Job& job) {
  return {{"when", "always"},
          {"expire_in", "2 weeks"},
          {"paths", job.reports},
          {"reports", {{"junit", job.reports}}}};
}

Json write(const Pipeline& pipeline, const Job& job) {
  const KeptFolders kept = kept_folders(job, kWorkingCopy);
  Json variables = kept.variables;
  if (std::string wanted = packages(job); wanted != common_packages())
    variables["PACKAGES"] = std::move(wanted);
  Json out{{"extends", ".msctl"},
           {"stage", stage(job.kind)},
           {"needs", needs(job)},
           {"rules", rules(pipeline, job)}};
  if (!job.environment.empty()) {
    out["environment"] = {{"name", job.environment}};
    if (job.kind != Kind::deploy) out["environment"]["action"] = "prepare";  // no deployment yet
    out["resource_group"] = job.id;                                          // two of one service never cross
    out["interruptible"] = false;
  }
  if (!variables.empty()) out["variables"] = std::move(variables);
  if (Json all = caches(job, kept); !all.empty()) out["cache"] = std::move(all);
  out["script"] = task_lines(job, "CI_COMMIT_SHA");
  if (!job.reports.empty()) out["artifacts"] = artefacts(job);
  return out;
}

std::vector<std::string> stages(const Pipeline& pipeline) {
  std::vector<std::string> out;
  for (Kind kind : {Kind::test, Kind::integration, Kind::push, Kind::deploy})
    if (pipeline.has(kind)) out.emplace_back(stage(kind));
  return out;
}

}  // namespace

generated::Emitted emit(const Pipeline& pipeline) {
  Json out = Json::object();
  yaml::add_note(out, generated::header);
  out["stages"] = stages(pipeline);
  yaml::add_note(out, "");
  out["workflow"] = workflow(pipeline);
  yaml::add_note(out, "");
  out["default"] = defaults(pipeline);
  yaml::add_note(out, "");
  out["variables"] = variables(pipeline);
  yaml::add_note(out, "");
  out[".msctl"] = common();
  yaml::add_note(out, "");
  out["check"] = check();
  for (const Job& job : pipeline.jobs) {
    yaml::add_note(out, "");
    out[job.id] = write(pipeline, job);
  }
  return {{{".gitlab-ci.yml", yaml::write(out)}}};
}

}  // namespace msctl::emit::gitlab
