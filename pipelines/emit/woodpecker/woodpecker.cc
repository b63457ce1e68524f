#include "pipelines/emit/woodpecker/woodpecker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "pipelines/emit/container.h"
#include "pipelines/emit/script.h"
#include "runtime/base/yaml/write.h"

namespace msctl::emit::woodpecker {
namespace {

using Json = nlohmann::ordered_json;
using pipeline::Job;
using pipeline::Kind;
using pipeline::Pipeline;

// "msctl_registry_user": secrets of this system are written small.
std::string secret(std::string_view variable) {
  std::string out(variable);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

Json when(const Pipeline& pipeline, const std::vector<std::string>& paths, bool trunk_only) {
  Json out = Json::array();
  if (!trunk_only) out.push_back({{"event", "pull_request"}, {"path", {{"include", paths}}}});
  out.push_back({{"event", "push"}, {"branch", pipeline.trunk}, {"path", {{"include", paths}}}});
  if (!trunk_only) out.push_back({{"event", "manual"}});
  return out;
}

// "Deploy to" in the interface asks for a target and a task: the environment and the service.
Json by_hand(const Job& job) {
  return {{"event", "deployment"},
          {"evaluate", fmt::format("CI_PIPELINE_DEPLOY_TARGET == \"{}\" && CI_PIPELINE_DEPLOY_TASK == \"{}\"",
                                   job.environment, job.service)}};
}

Json step(const Pipeline& pipeline, const Job& job) {
  Json environment{{"PACKAGES", packages(job)}};
  if (!pipeline.msctl.archive.empty()) {
    environment["MSCTL_ARCHIVE"] = pipeline.msctl.archive;
    environment["MSCTL_SHA256"] = pipeline.msctl.sha256;
  }
  for (std::string_view name : credentials(job))
    environment[std::string(name)] = {{"from_secret", secret(name)}};
  Json commands = Json::array({for_shell(preparation())});
  for (const std::string& line : task_lines(job, "CI_COMMIT_SHA")) commands.push_back(for_shell(line));
  return {{"name", job.short_name()},
          {"image", image(pipeline)},
          {"when", job.approval ? Json::array({by_hand(job)}) : when(pipeline, job.paths, job.trunk_only)},
          {"environment", std::move(environment)},
          {"commands", std::move(commands)}};
}

std::string workflow(const Pipeline& pipeline, const std::string& service) {
  std::vector<std::string> paths;
  Json steps = Json::array(), deployments = Json::array();
  for (const Job* job : pipeline.of(service)) {
    pipeline::append(paths, job->paths);
    steps.push_back(step(pipeline, *job));
    if (job->approval) deployments.push_back(by_hand(*job));
  }
  Json out = Json::object();
  yaml::add_note(out, generated::header);
  out["when"] = when(pipeline, paths, false);
  for (Json& deployment : deployments) out["when"].push_back(std::move(deployment));
  yaml::add_note(out, "");
  out["steps"] = std::move(steps);
  return yaml::write(out);
}

}  // namespace

generated::Emitted emit(const Pipeline& pipeline) {
  generated::Emitted out;
  for (const std::string& service : pipeline.services)
    out.files.push_back({fmt::format(".woodpecker/{}.yaml", service), workflow(pipeline, service)});
  return out;
}

}  // namespace msctl::emit::woodpecker
