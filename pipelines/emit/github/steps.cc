#include "pipelines/emit/github/steps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "pipelines/emit/script.h"
#include "runtime/base/yaml/write.h"

namespace msctl::emit::github {
namespace {

using Json = nlohmann::ordered_json;
using pipeline::Job;
using pipeline::Kind;
using pipeline::Toolchain;

Json uses(const pipeline::Pipeline& pipeline, std::string_view action) {
  const pipeline::Pin& pin = pipeline.pin(action);
  return yaml::with_comment(fmt::format("{}@{}", pin.name, pin.digest), pin.version);
}

Json by_action(const pipeline::Pipeline& pipeline, const Toolchain& toolchain) {
  Json with = Json::object();
  for (const auto& [key, value] : toolchain.language->pipeline.github.with)
    with[key] = in_folder(value, toolchain.folder);
  return {{"name", fmt::format("Set up {}", toolchain.language->title)},
          {"uses", uses(pipeline, toolchain.language->pipeline.github.uses)},
          {"with", std::move(with)}};
}

Json cache(const pipeline::Pipeline& pipeline, std::string name, const std::vector<std::string>& paths,
           std::string key, std::string restore) {
  return {{"name", std::move(name)},
          {"uses", uses(pipeline, "actions/cache")},
          {"with",
           {{"path", fmt::format("{}", fmt::join(paths, "\n"))},
            {"key", std::move(key)},
            {"restore-keys", std::move(restore)}}}};
}

Json kept_folders(const pipeline::Pipeline& pipeline, const Toolchain& toolchain) {
  const toolchain::PipelineSetup& setup = toolchain.language->pipeline;
  std::vector<std::string> files;
  for (const toolchain::CacheFolder& folder : setup.caches)
    for (const std::string& file : folder.keys)
      files.push_back(fmt::format("'{}'", in_folder("{service}/" + file, toolchain.folder)));
  const std::string prefix = fmt::format("{}-${{{{ runner.os }}}}-", toolchain.language->name);
  return cache(pipeline, fmt::format("Keep what {} fetches", toolchain.language->title), setup.github.paths,
               fmt::format("{}${{{{ hashFiles({}) }}}}", prefix, fmt::join(files, ", ")), prefix);
}

// What the task needs to know besides.
Json environment(const pipeline::Pipeline& pipeline, const Job& job) {
  Json out = Json::object();
  if (job.trunk_only) {
    const bool own = registry_host(job.registry) == "ghcr.io";  // takes the job's own token
    out[std::string(kRegistryUser)] =
        own ? "${{ github.actor }}" : fmt::format("${{{{ secrets.{} }}}}", kRegistryUser);
    out[std::string(kRegistryPassword)] =
        own ? "${{ github.token }}" : fmt::format("${{{{ secrets.{} }}}}", kRegistryPassword);
  }
  if (job.kind == Kind::deploy)
    out[std::string(kKubeconfig)] = fmt::format("${{{{ secrets.{} }}}}", kKubeconfig);
  // A pull request, which may be a stranger's, reads the shared results and does not add to them.
  if (!pipeline.cache_url.empty()) {
    out["MSCTL_CACHE_TOKEN"] =
        "${{ github.event_name != 'pull_request' && secrets.MSCTL_CACHE_TOKEN || '' }}";
    out["MSCTL_CACHE_KEY"] = "${{ github.event_name != 'pull_request' && secrets.MSCTL_CACHE_KEY || '' }}";
  }
  return out;
}

}  // namespace

Json check_out(const pipeline::Pipeline& pipeline, bool whole) {
  Json with = Json::object();
  if (whole) with["fetch-depth"] = 0;
  with["persist-credentials"] = false;
  return {{"name", "Check out"}, {"uses", uses(pipeline, "actions/checkout")}, {"with", std::move(with)}};
}

std::vector<Json> toolchains(const pipeline::Pipeline& pipeline, const Job& job) {
  std::vector<Json> out;
  std::set<std::string> packages(job.packages.begin(), job.packages.end());
  for (const Toolchain& toolchain : job.toolchains) {
    const toolchain::PipelineSetup::GitHub& setup = toolchain.language->pipeline.github;
    packages.insert(setup.ubuntu.begin(), setup.ubuntu.end());
    if (!setup.uses.empty()) out.push_back(by_action(pipeline, toolchain));
    if (!setup.run.empty())
      out.push_back({{"name", fmt::format("Set up {}", toolchain.language->title)}, {"run", setup.run}});
    if (!setup.paths.empty()) out.push_back(kept_folders(pipeline, toolchain));
  }
  if (!packages.empty())
    out.push_back(
        {{"name", "Install packages"},
         {"run", fmt::format("sudo apt-get update -qq\nsudo apt-get install -qq --no-install-recommends {}\n",
                             fmt::join(packages, " "))}});
  return out;
}

Json keep_results(const pipeline::Pipeline& pipeline, const Job& job) {
  const std::string prefix = fmt::format("msctl-{}-", job.id);
  return cache(pipeline, "Keep msctl's results", {"~/.cache/msctl"}, prefix + "${{ github.sha }}", prefix);
}

std::vector<Json> tasks(const pipeline::Pipeline& pipeline, const Job& job) {
  std::vector<Json> out;
  for (const pipeline::Task& task : job.tasks) {
    std::string name = task.name;
    name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
    Json step{{"name", std::move(name)}};
    if (Json variables = environment(pipeline, job); !variables.empty()) step["env"] = std::move(variables);
    step["run"] = command_line(task.argv, "GITHUB_SHA");
    out.push_back(std::move(step));
  }
  return out;
}

Json keep_reports(const pipeline::Pipeline& pipeline, const Job& job) {
  return {{"name", "Keep the reports"},
          {"if", "${{ !cancelled() }}"},
          {"uses", uses(pipeline, "actions/upload-artifact")},
          {"with",
           {{"name", fmt::format("{}-reports", job.id)},
            {"path", "reports"},
            {"if-no-files-found", "ignore"},
            {"retention-days", 14}}}};
}

}  // namespace msctl::emit::github
