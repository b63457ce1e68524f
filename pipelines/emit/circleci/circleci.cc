#include "pipelines/emit/circleci/circleci.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipelines/emit/container.h"
#include "pipelines/emit/script.h"
#include "runtime/base/yaml/write.h"

namespace msctl::emit::circleci {
namespace {

using Json = nlohmann::ordered_json;
using pipeline::Job;
using pipeline::Kind;
using pipeline::Pipeline;

constexpr std::string_view kWorkingCopy = "/root/project";
constexpr std::string_view kContinued = ".circleci/services.yml";
constexpr std::string_view kOrb =
    "circleci/path-filtering@1.3.0";  // a published version of an orb cannot change

// A glob as the regular expression that the orb matches whole paths with.
std::string expression(const std::string& glob) {
  std::string out;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    if (glob.compare(i, 2, "**") == 0) {
      out += ".*";
      ++i;
    } else if (glob[i] == '*') {
      out += "[^/]*";
    } else {
      if (std::string_view(".+()[]{}^$|\\").find(glob[i]) != std::string_view::npos) out += '\\';
      out += glob[i];
    }
  }
  return out;
}

// The parameters that a service's workflows ask: whether it has changed itself, and whether what it needs
// has.
std::string itself(const std::string& service) {
  return service;
}
std::string touched(const std::string& service) {
  return service + "-needs";
}

Json setup(const Pipeline& pipeline) {
  std::string mapping;
  for (const Job& job : pipeline.jobs) {
    if (job.trunk_only) continue;  // its paths are those of the jobs before it
    for (const std::string& path : job.paths)
      mapping += fmt::format("{} {} true\n", expression(path),
                             job.through_needs ? touched(job.service) : itself(job.service));
  }
  Json out = Json::object();
  yaml::add_note(out, generated::header);
  out["version"] = 2.1;
  out["setup"] = true;
  yaml::add_note(out, "");
  out["orbs"] = {{"path-filtering", kOrb}};
  yaml::add_note(out, "");
  out["workflows"] = {{"what-changed",
                       {{"jobs", Json::array({{{"path-filtering/filter",
                                                {{"base-revision", pipeline.trunk},
                                                 {"config-path", kContinued},
                                                 {"mapping", std::move(mapping)}}}}})}}}};
  return out;
}

Json run(std::string_view name, std::string command) {
  return {{"run", {{"name", name}, {"command", std::move(command)}}}};
}

void keep(Json& steps, std::string_view id, const KeptFolders& kept, bool restore) {
  if (kept.paths.empty()) return;
  std::string key = fmt::format("{}-", id);
  for (const std::string& file : kept.keys) key += fmt::format("{{{{ checksum \"{}\" }}}}", file);
  if (restore)
    steps.push_back({{"restore_cache", {{"keys", {key, fmt::format("{}-", id)}}}}});
  else
    steps.push_back({{"save_cache", {{"key", key}, {"paths", kept.paths}}}});
}

Json steps(const Job& job, const KeptFolders& kept) {
  Json out = Json::array();
  out.push_back(run("Get packages and msctl", preparation()));
  out.push_back("checkout");
  keep(out, job.id, kept, true);
  const std::string results = fmt::format("msctl-{}-", job.id);
  if (job.keeps_results()) out.push_back({{"restore_cache", {{"keys", Json::array({results})}}}});
  const std::vector<std::string> lines = task_lines(job, "CIRCLE_SHA1");
  for (std::size_t i = 0; i < lines.size(); ++i) out.push_back(run(job.tasks[i].name, lines[i]));
  if (!job.reports.empty()) out.push_back({{"store_test_results", {{"path", "reports"}}}});
  keep(out, job.id, kept, false);
  if (job.keeps_results())
    out.push_back(
        {{"save_cache", {{"key", results + "{{ .Revision }}"}, {"paths", Json::array({".cache/msctl"})}}}});
  return out;
}

Json write(const Pipeline& pipeline, const Job& job) {
  const KeptFolders kept = kept_folders(job, kWorkingCopy);
  Json environment{{"XDG_CACHE_HOME", fmt::format("{}/.cache", kWorkingCopy)}, {"PACKAGES", packages(job)}};
  for (const auto& [name, value] : kept.variables) environment[name] = value;
  if (!pipeline.msctl.archive.empty()) {
    environment["MSCTL_ARCHIVE"] = pipeline.msctl.archive;
    environment["MSCTL_SHA256"] = pipeline.msctl.sha256;
  }
  return {{"docker", Json::array({{{"image", image(pipeline)}}})},
          {"working_directory", kWorkingCopy},
          {"environment", std::move(environment)},
          {"steps", steps(job, kept)}};
}

Json only_trunk(const Pipeline& pipeline) {
  return {{"branches", {{"only", pipeline.trunk}}}};
}

Json what_it_requires(const Pipeline& pipeline, const Job& job) {
  Json out = Json::array();
  for (const std::string& id : job.after) out.push_back(title(*pipeline.find(id)));
  return out;
}

std::string approval(const Job& job) {
  return fmt::format("{} / approve-{}", job.service, job.environment);
}

// One job in a workflow, behind the one in which a person says yes to it, if one has to. `alone`: without
// those before it, which have nothing to do.
void add(Json& to, const Pipeline& pipeline, const Job& job, bool alone) {
  Json with{{"name", title(job)}};
  if (job.approval) {
    Json hold{{"name", approval(job)}, {"type", "approval"}, {"requires", what_it_requires(pipeline, job)}};
    hold["filters"] = only_trunk(pipeline);
    to.push_back({{fmt::format("{}-approve-{}", job.service, job.environment), std::move(hold)}});
    with["requires"] = Json::array({approval(job)});
  } else if (!alone && !job.after.empty()) {
    with["requires"] = what_it_requires(pipeline, job);
  }
  if (job.trunk_only) {
    with["filters"] = only_trunk(pipeline);
    with["context"] = job.environment;  // has the credentials, and says who may use them
    with["serial-group"] = fmt::format("<< pipeline.project.slug >>/{}", job.id);
  }
  to.push_back({{job.id, std::move(with)}});
}

std::string parameter(const std::string& name) {
  return fmt::format("<< pipeline.parameters.{} >>", name);
}

Json workflows(const Pipeline& pipeline) {
  Json out = Json::object();
  for (const std::string& service : pipeline.services) {
    Json all = Json::array(), through_needs = Json::array();
    for (const Job* job : pipeline.of(service)) {
      add(all, pipeline, *job, false);
      if (job->through_needs) add(through_needs, pipeline, *job, true);
    }
    out[service] = {{"when", parameter(itself(service))}, {"jobs", std::move(all)}};
    if (through_needs.empty()) continue;
    out[touched(service)] = {
        {"when",
         {{"and", Json::array({parameter(touched(service)), {{"not", parameter(itself(service))}}})}}},
        {"jobs", std::move(through_needs)}};
  }
  return out;
}

Json continued(const Pipeline& pipeline) {
  Json parameters = Json::object(), jobs = Json::object();
  for (const std::string& service : pipeline.services)
    for (const std::string& name : {itself(service), touched(service)})
      parameters[name] = {{"type", "boolean"}, {"default", false}};
  for (const Job& job : pipeline.jobs) jobs[job.id] = write(pipeline, job);
  Json out = Json::object();
  yaml::add_note(out, generated::header);
  out["version"] = 2.1;
  yaml::add_note(out, "");
  out["parameters"] = std::move(parameters);
  yaml::add_note(out, "");
  out["jobs"] = std::move(jobs);
  yaml::add_note(out, "");
  out["workflows"] = workflows(pipeline);
  return out;
}

}  // namespace

generated::Emitted emit(const Pipeline& pipeline) {
  return {{{".circleci/config.yml", yaml::write(setup(pipeline))},
           {std::string(kContinued), yaml::write(continued(pipeline))}}};
}

}  // namespace msctl::emit::circleci
