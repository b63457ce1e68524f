#include "pipelines/emit/buildkite/buildkite.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pipelines/emit/container.h"
#include "pipelines/emit/script.h"
#include "runtime/base/yaml/write.h"

namespace msctl::emit::buildkite {
namespace {

using Json = nlohmann::ordered_json;
using pipeline::Job;
using pipeline::Kind;
using pipeline::Pipeline;

constexpr std::string_view kWorkingCopy = "/workdir";
constexpr std::string_view kDocker = "docker#v5.13.0";
constexpr std::string_view kCommit = "BUILDKITE_COMMIT";
constexpr std::string_view kJunit = "junit-annotate#v2.7.0";

Json environment(const Pipeline& pipeline, const Job& job) {
  Json out{{"XDG_CACHE_HOME", fmt::format("{}/.cache", kWorkingCopy)}, {"PACKAGES", packages(job)}};
  for (const auto& [name, value] : kept_folders(job, kWorkingCopy).variables) out[name] = value;
  if (!pipeline.msctl.archive.empty()) {
    out["MSCTL_ARCHIVE"] = pipeline.msctl.archive;
    out["MSCTL_SHA256"] = pipeline.msctl.sha256;
  }
  return out;
}

// Which variables the container gets: Docker hands none on by itself.
Json passed(const Json& environment, const Job& job) {
  Json out = Json::array({"CI", "MSCTL_ARCHIVE", "MSCTL_SHA256"});
  for (const auto& [name, value] : environment.items())
    if (!name.starts_with("MSCTL_")) out.push_back(name);
  if (job.needs_commit()) out.push_back(kCommit);
  for (std::string_view name : credentials(job)) out.push_back(name);
  return out;
}

// When a step, or a group of them, is begun at all, and after what.
void begun_by(Json& out, const Pipeline& pipeline, const Job& job) {
  out["if_changed"] = job.paths;
  if (job.trunk_only)
    out["if"] = fmt::format("build.branch == \"{}\" && build.pull_request.id == null", pipeline.trunk);
  if (!job.after.empty()) out["depends_on"] = job.after;
}

Json write(const Pipeline& pipeline, const Job& job) {
  Json environment_of_job = environment(pipeline, job);
  Json commands = Json::array({for_shell(preparation())});
  for (const std::string& line : task_lines(job, kCommit)) commands.push_back(for_shell(line));
  Json plugins = Json::array();
  plugins.push_back({{std::string(kDocker),
                      {{"image", image(pipeline)},
                       {"propagate-uid-gid", false},
                       {"environment", passed(environment_of_job, job)}}}});
  Json out{{"label", title(job)}, {"key", job.id}};
  begun_by(out, pipeline, job);
  if (job.trunk_only) {
    out["concurrency"] = 1;
    out["concurrency_group"] = fmt::format("{}/{}", pipeline.workspace, job.id);
  }
  out["timeout_in_minutes"] = minutes(pipeline.timeout);
  out["env"] = std::move(environment_of_job);
  if (job.trunk_only) out["secrets"] = credentials(job);
  out["command"] = std::move(commands);
  if (!job.reports.empty()) out["artifact_paths"] = job.reports;
  out["plugins"] = std::move(plugins);
  return out;
}

// A job and the step in which a person says yes to it, as a group: a block knows no `if_changed`, and would
// be in the way of every build.
Json with_approval(const Pipeline& pipeline, const Job& job) {
  const std::string block = fmt::format("{}-approve-{}", job.service, job.environment);
  Json step = write(pipeline, job);
  for (const char* key : {"if_changed", "if"}) step.erase(key);
  step["depends_on"] = Json::array({block});
  Json out{{"group", fmt::format("{} / {}", job.service, job.environment)}};
  begun_by(out, pipeline, job);
  out["steps"] = Json::array();
  out["steps"].push_back({{"block", fmt::format("Deploy {} to {}", job.service, job.environment)},
                          {"key", block},
                          {"blocked_state", "passed"}});
  out["steps"].push_back(std::move(step));
  return out;
}

// Shows what the reports of all jobs say, however they ended.
Json annotate(const Pipeline& pipeline) {
  Json after = Json::array();
  for (const Job& job : pipeline.jobs)
    if (!job.reports.empty()) after.push_back({{"step", job.id}, {"allow_failure", true}});
  Json plugins = Json::array();
  plugins.push_back({{std::string(kJunit), {{"artifacts", "reports/*.xml"}}}});
  return {{"label", "reports"},
          {"key", "reports"},
          {"depends_on", std::move(after)},
          {"timeout_in_minutes", 10},
          {"plugins", std::move(plugins)}};
}

}  // namespace

generated::Emitted emit(const Pipeline& pipeline) {
  Json steps = Json::array();
  bool reports = false;
  for (const Job& job : pipeline.jobs) {
    steps.push_back(job.approval ? with_approval(pipeline, job) : write(pipeline, job));
    reports |= !job.reports.empty();
  }
  if (reports) steps.push_back(annotate(pipeline));
  Json out = Json::object();
  yaml::add_note(out, generated::header);
  out["steps"] = std::move(steps);
  return {{{".buildkite/pipeline.yml", yaml::write(out)}}};
}

}  // namespace msctl::emit::buildkite
