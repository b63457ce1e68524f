#include "pipelines/emit/bitbucket/bitbucket.h"

#include <fmt/format.h>

#include <algorithm>
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

void add(std::vector<std::string>& to, const std::vector<std::string>& more) {
  for (const std::string& one : more)
    if (std::ranges::find(to, one) == to.end()) to.push_back(one);
}

Union everything(const std::vector<const Job*>& jobs) {
  Union out;
  for (const Job* job : jobs) {
    add(out.packages, debian_packages(*job));
    add(out.paths, job->paths);
    const KeptFolders kept = kept_folders(*job, kWorkingCopy);
    out.kept.variables.insert(kept.variables.begin(), kept.variables.end());
    add(out.kept.paths, kept.paths);
    add(out.kept.keys, kept.keys);
  }
  return out;
}

Json step(const Pipeline& pipeline, const std::string& service, bool trunk) {
  std::vector<const Job*> jobs = pipeline.of(service);
  std::erase_if(jobs, [&](const Job* job) { return job->trunk_only && !trunk; });
  const Union all = everything(jobs);
  Json script = Json::array();
  std::string variables = fmt::format("export XDG_CACHE_HOME=\"{}/.cache\"", kWorkingCopy);
  for (const auto& [name, value] : all.kept.variables) variables += fmt::format(" {}=\"{}\"", name, value);
  std::string packages = common_packages();
  for (const std::string& package : all.packages) packages += " " + package;
  variables += fmt::format(" PACKAGES=\"{}\"", packages);
  if (!pipeline.msctl.archive.empty())
    variables +=
        fmt::format(" MSCTL_ARCHIVE='{}' MSCTL_SHA256={}", pipeline.msctl.archive, pipeline.msctl.sha256);
  script.push_back(std::move(variables));
  script.push_back(preparation());
  for (const Job* job : jobs)
    for (std::string& line : task_lines(*job)) script.push_back(std::move(line));
  Json caches = Json::array();
  for (const std::string& path : all.kept.paths) caches.push_back(cache_name(service, path.substr(7)));
  std::vector<std::string> paths;
  for (const std::string& path : all.paths) paths.push_back(path);
  Json out{{"name", service},
           {"max-time", minutes(pipeline.timeout)},
           {"condition", {{"changesets", {{"includePaths", paths}}}}}};
  if (!caches.empty()) out["caches"] = std::move(caches);
  out["script"] = std::move(script);
  // Only reports in folders of certain names are shown.
  out["after-script"] = Json::array({"mkdir -p test-results && cp reports/*.xml test-results/ || true"});
  return {{"step", std::move(out)}};
}

// One step stands alone: a group has two at least.
Json steps(const Pipeline& pipeline, bool trunk) {
  Json all = Json::array();
  for (const std::string& service : pipeline.services) all.push_back(step(pipeline, service, trunk));
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
  return {{{"bitbucket-pipelines.yml", yaml::write(out)}}};
}

}  // namespace msctl::emit::bitbucket
