#include "pipelines/emit/woodpecker/woodpecker.h"

#include <fmt/format.h>

#include <algorithm>
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

Json when(const Pipeline& pipeline, const std::vector<std::string>& paths, bool trunk_only) {
  Json out = Json::array();
  if (!trunk_only) out.push_back({{"event", "pull_request"}, {"path", {{"include", paths}}}});
  out.push_back({{"event", "push"}, {"branch", pipeline.trunk}, {"path", {{"include", paths}}}});
  if (!trunk_only) out.push_back({{"event", "manual"}});
  return out;
}

Json step(const Pipeline& pipeline, const Job& job) {
  Json environment{{"PACKAGES", packages(job)}};
  if (!pipeline.msctl.archive.empty()) {
    environment["MSCTL_ARCHIVE"] = pipeline.msctl.archive;
    environment["MSCTL_SHA256"] = pipeline.msctl.sha256;
  }
  if (job.kind == Kind::push) {
    environment[std::string(kRegistryUser)] = {{"from_secret", "msctl_registry_user"}};
    environment[std::string(kRegistryPassword)] = {{"from_secret", "msctl_registry_password"}};
  }
  Json commands = Json::array({for_shell(preparation())});
  for (const std::string& line : task_lines(job)) commands.push_back(for_shell(line));
  return {{"name", job.short_name()},
          {"image", image(pipeline)},
          {"when", when(pipeline, job.paths, job.trunk_only)},
          {"environment", std::move(environment)},
          {"commands", std::move(commands)}};
}

std::string workflow(const Pipeline& pipeline, const std::string& service) {
  std::vector<std::string> paths;
  Json steps = Json::array();
  for (const Job* job : pipeline.of(service)) {
    for (const std::string& path : job->paths)
      if (std::ranges::find(paths, path) == paths.end()) paths.push_back(path);
    steps.push_back(step(pipeline, *job));
  }
  Json out = Json::object();
  yaml::add_note(out, generated::header);
  out["when"] = when(pipeline, paths, false);
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
