#include "pipelines/emit/bitbucket/bitbucket.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pipelines/emit/container.h"
#include "pipelines/emit/script.h"
#include "runtime/base/yaml/write.h"

namespace msctl::emit::bitbucket {
namespace {

using Json = nlohmann::ordered_json;
using pipeline::Job;
using pipeline::Pipeline;

constexpr std::string_view kWorkingCopy = "$BITBUCKET_CLONE_DIR";
constexpr std::size_t kCacheName = 50;  // characters that the name of a cache may have

std::string cache_name(const std::string& service, const std::string& folder) {
  return fmt::format("{}-{}", service, folder).substr(0, kCacheName);
}

// What all jobs of a service need.
struct Union {
  std::vector<std::string> packages, paths;
  KeptFolders kept;
};

Union everything(const std::vector<const Job*>& jobs) {
  Union out;
  for (const Job* job : jobs) {
    pipeline::append(out.packages, debian_packages(*job));
    pipeline::append(out.paths, job->paths);
    const KeptFolders kept = kept_folders(*job, kWorkingCopy);
    out.kept.variables.insert(kept.variables.begin(), kept.variables.end());
    pipeline::append(out.kept.paths, kept.paths);
    pipeline::append(out.kept.keys, kept.keys);
  }
  return out;
}

// Jobs one after another, as one step.
Json step(const Pipeline& pipeline, const std::string& name, const std::vector<const Job*>& jobs) {
  const Union all = everything(jobs);
  Json script = Json::array();
  std::string variables = fmt::format("export XDG_CACHE_HOME=\"{}/.cache\"", kWorkingCopy);
  for (const auto& [variable, value] : all.kept.variables)
    variables += fmt::format(" {}=\"{}\"", variable, value);
  std::string packages = common_packages();
  for (const std::string& package : all.packages) packages += " " + package;
  variables += fmt::format(" PACKAGES=\"{}\"", packages);
  if (!pipeline.msctl.archive.empty())
    variables +=
        fmt::format(" MSCTL_ARCHIVE='{}' MSCTL_SHA256={}", pipeline.msctl.archive, pipeline.msctl.sha256);
  script.push_back(std::move(variables));
  script.push_back(preparation());
  for (const Job* job : jobs)
    for (std::string& line : task_lines(*job, "BITBUCKET_COMMIT")) script.push_back(std::move(line));
  Json caches = Json::array();
  for (const std::string& path : all.kept.paths)
    caches.push_back(cache_name(jobs[0]->service, path.substr(7)));
  Json out{{"name", name}, {"max-time", minutes(pipeline.timeout)}};
  if (!caches.empty()) out["caches"] = std::move(caches);
  out["script"] = std::move(script);
  return out;
}

Json step_of(const Pipeline& pipeline, const std::string& service, bool trunk) {
  std::vector<const Job*> jobs = pipeline.of(service);
  std::erase_if(jobs, [&](const Job* job) { return job->approval || (job->trunk_only && !trunk); });
  Json out = step(pipeline, service, jobs);
  out["condition"] = {{"changesets", {{"includePaths", everything(jobs).paths}}}};
  // Only reports in folders of certain names are shown.
  out["after-script"] = Json::array({"mkdir -p test-results && cp reports/*.xml test-results/ || true"});
  return {{"step", std::move(out)}};
}

// A step of a group cannot wait for a person: what has to is a pipeline that is begun by hand, at a commit.
Json custom(const Pipeline& pipeline) {
  Json out = Json::object();
  for (const Job& job : pipeline.jobs) {
    if (!job.approval) continue;
    Json only = step(pipeline, title(job), {&job});
    only["deployment"] = job.environment;
    out[job.id] = Json::array({{{"step", std::move(only)}}});
  }
  return out;
}

// One step stands alone: a group has two at least.
Json steps(const Pipeline& pipeline, bool trunk) {
  Json all = Json::array();
  for (const std::string& service : pipeline.services) all.push_back(step_of(pipeline, service, trunk));
  if (all.size() < 2) return all;
  return Json::array({{{"parallel", {{"fail-fast", false}, {"steps", std::move(all)}}}}});
}

Json caches(const Pipeline& pipeline) {
  Json out = Json::object();
  for (const std::string& service : pipeline.services) {
    const Union all = everything(pipeline.of(service));
    for (const std::string& path : all.kept.paths)
      out[cache_name(service, path.substr(7))] = {{"key", {{"files", all.kept.keys}}}, {"path", path}};
  }
  return out;
}

}  // namespace

generated::Emitted emit(const Pipeline& pipeline) {
  Json out = Json::object();
  yaml::add_note(out, generated::header);
  out["image"] = image(pipeline);
  if (Json all = caches(pipeline); !all.empty()) {
    yaml::add_note(out, "");
    out["definitions"] = {{"caches", std::move(all)}};
  }
  yaml::add_note(out, "");
  out["pipelines"] = {{"pull-requests", {{"**", steps(pipeline, false)}}},
                      {"branches", {{pipeline.trunk, steps(pipeline, true)}}}};
  if (Json by_hand = custom(pipeline); !by_hand.empty()) out["pipelines"]["custom"] = std::move(by_hand);
  return {{{"bitbucket-pipelines.yml", yaml::write(out)}}};
}

}  // namespace msctl::emit::bitbucket
