#include "pipelines/model/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>

#include "runtime/toolchain/commands.h"

namespace msctl::pipeline {
namespace {

using workspace::Service;
using workspace::Workspace;

// A service that is the workspace's root itself has everything below it.
std::string everything_in(const std::string& folder) {
  return folder.empty() || folder == "." ? "**" : folder + "/**";
}

// The service, and whatever runs when it does.
std::set<std::string> with_needs(const Workspace& workspace, const Service& service) {
  std::set<std::string> out;
  std::function<void(const Service&)> add = [&](const Service& one) {
    if (!out.insert(one.name).second) return;
    for (const std::string& need : one.needs)
      if (const Service* needed = workspace.find(need)) add(*needed);
  };
  add(service);
  return out;
}

// Debian's package for the program of a backing service. Others are named under `pipelines.packages`.
const std::map<std::string, std::string, std::less<>>& backing_packages() {
  static const std::map<std::string, std::string, std::less<>> packages{
      {"redis-server", "redis-server"}, {"valkey-server", "valkey-server"},
      {"memcached", "memcached"},       {"nats-server", "nats-server"},
      {"mosquitto", "mosquitto"},       {"rabbitmq-server", "rabbitmq-server"},
  };
  return packages;
}

class Planner {
public:
  Planner(const Workspace& workspace, const toolchain::Languages& languages)
      : workspace_(workspace), languages_(languages) {}

  Pipeline plan() {
    for (const Service& service : workspace_.services)
      if (!service.is_backing()) add(service);
    return std::move(out_);
  }

  Pipeline& out() { return out_; }

private:
  void add(const Service& service) {
    const toolchain::Commands commands = toolchain::commands_for(service, languages_);
    std::vector<std::string> before;
    if (std::optional<Job> job = test(service, commands)) before.push_back(take(std::move(*job)));
    if (!commands.integration.empty()) before.push_back(take(integration(service, before)));
    std::map<std::string, std::string> pushed;  // which job pushes to a registry
    for (const workspace::Environment& environment : pushed_to())
      pushed[environment.registry] = take(push(service, environment, before));
    std::string last;
    for (const workspace::Environment& environment : workspace_.environments)
      if (!environment.registry.empty() && !environment.kubernetes_context.empty())
        last = take(deploy(service, environment, pushed.at(environment.registry), last));
    if (!before.empty() || !pushed.empty()) out_.services.push_back(service.name);
  }

  std::string take(Job job) {
    out_.jobs.push_back(std::move(job));
    return out_.jobs.back().id;
  }

  Job job(const Service& service, Kind kind) const {
    Job out;
    out.id = fmt::format("{}-{}", service.name, kind_name(kind));
    out.kind = kind;
    out.service = service.name;
    out.paths = own_paths(service);
    out.toolchains = toolchains({service.name});
    out.packages = workspace_.pipelines.packages;
    return out;
  }

  std::optional<Job> test(const Service& service, const toolchain::Commands& commands) const {
    Job out = job(service, Kind::test);
    if (!commands.lint.empty()) out.tasks.push_back({"lint", {"msctl", "lint", service.name}});
    if (!commands.test.empty()) {
      out.reports = {fmt::format("reports/{}-test.xml", service.name)};
      out.tasks.push_back({"test", {"msctl", "test", service.name, "--junit", out.reports[0]}});
    }
    if (!pushed_to().empty()) out.tasks.push_back({"build", {"msctl", "build", service.name}});
    if (out.tasks.empty()) return std::nullopt;
    return out;
  }

  Job integration(const Service& service, const std::vector<std::string>& after) const {
    Job out = job(service, Kind::integration);
    const std::set<std::string> running = with_needs(workspace_, service);
    const std::string report = fmt::format("reports/{}-integration.xml", service.name);
    const std::string stateless = fmt::format("reports/{}-stateless.xml", service.name);
    out.after = after;
    out.through_needs = true;
    out.reports = {report, stateless};
    out.toolchains = toolchains(running);
    out.tasks = {
        {"integration", {"msctl", "test", service.name, "--integration", "--contract", "--junit", report}},
        {"stateless", {"msctl", "test", service.name, "--stateless", "--junit", stateless}}};
    for (const std::string& name : running) {
      const Service& needed = *workspace_.find(name);
      if (name != service.name) append(out.paths, {everything_in(needed.relative)});
      append(out.paths, uses(needed));
      if (!needed.is_backing() || needed.command.empty()) continue;
      const std::string program = needed.command[0].substr(needed.command[0].rfind('/') + 1);
      if (auto found = backing_packages().find(program); found != backing_packages().end())
        append(out.packages, {found->second});
    }
    return out;
  }

  Job push(const Service& service, const workspace::Environment& environment,
           const std::vector<std::string>& after) const {
    Job out = job(service, Kind::push);
    if (pushed_to().size() > 1) out.id += "-" + environment.name;
    out.after = after;
    out.trunk_only = true;
    out.environment = environment.name;
    out.registry = environment.registry;
    out.tasks = {{"push",
                  {"msctl", "build", service.name, "--push", "-e", environment.name, "--tag",
                   std::string(commit_word)}}};
    return out;
  }

  // What `push` has pushed, and what `before` has tried out, where there is an environment before this one.
  Job deploy(const Service& service, const workspace::Environment& environment, const std::string& push,
             const std::string& before) const {
    Job out = job(service, Kind::deploy);
    out.id += "-" + environment.name;
    out.after = {push};
    if (!before.empty()) out.after.push_back(before);
    out.trunk_only = true;
    out.approval = environment.approval;
    out.environment = environment.name;
    out.registry = environment.registry;
    out.toolchains.clear();
    out.packages.clear();
    out.tasks = {
        {"deploy",
         {"msctl", "deploy", service.name, "-e", environment.name, "--tag", std::string(commit_word)}}};
    return out;
  }

  // The environments to push for: one for each registry, since an image is the same for all that share one.
  std::vector<workspace::Environment> pushed_to() const {
    std::vector<workspace::Environment> out;
    for (const workspace::Environment& environment : workspace_.environments)
      if (!environment.registry.empty() &&
          std::ranges::find(out, environment.registry, &workspace::Environment::registry) == out.end())
        out.push_back(environment);
    return out;
  }

  static std::vector<std::string> uses(const Service& service) {
    std::vector<std::string> out;
    for (const std::string& folder : service.uses) out.push_back(everything_in(folder));
    return out;
  }

  static std::vector<std::string> own_paths(const Service& service) {
    std::vector<std::string> out{everything_in(service.relative)};
    append(out, uses(service));
    append(out, {"msctl.yaml", "msctl.*.yaml"});
    return out;
  }

  std::vector<Toolchain> toolchains(const std::set<std::string>& services) const {
    std::map<std::string, Toolchain> out;
    for (const std::string& name : services) {
      const Service& service = *workspace_.find(name);
      if (const toolchain::Language* language = languages_.find(service.language))
        out.try_emplace(language->name, Toolchain{language, service.relative});
    }
    std::vector<Toolchain> list;
    for (auto& [name, toolchain] : out) list.push_back(std::move(toolchain));
    return list;
  }

  const Workspace& workspace_;
  const toolchain::Languages& languages_;
  Pipeline out_;
};

}  // namespace

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
  for (const std::string& one : more)
    if (std::ranges::find(to, one) == to.end()) to.push_back(one);
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::test:
      return "test";
    case Kind::integration:
      return "integration";
    case Kind::push:
      return "push";
    case Kind::deploy:
      return "deploy";
  }
  return {};
}

bool Job::needs_commit() const {
  return std::ranges::any_of(
      tasks, [](const Task& task) { return std::ranges::find(task.argv, commit_word) != task.argv.end(); });
}

bool Pipeline::has(Kind kind) const {
  return std::ranges::find(jobs, kind, &Job::kind) != jobs.end();
}

void Pipeline::resolve(const std::string& commit) {
  for (Job& job : jobs)
    for (Task& task : job.tasks) std::ranges::replace(task.argv, std::string(commit_word), commit);
}

const Job* Pipeline::find(std::string_view id) const {
  auto found = std::ranges::find(jobs, id, &Job::id);
  return found == jobs.end() ? nullptr : &*found;
}

std::vector<const Job*> Pipeline::of(std::string_view service) const {
  std::vector<const Job*> out;
  for (const Job& job : jobs)
    if (job.service == service) out.push_back(&job);
  return out;
}

const Pin& Pipeline::pin(std::string_view name) const {
  const Pin* found = find_pin(pins, name);
  if (found == nullptr) throw std::logic_error("no pin of " + std::string(name));
  return *found;
}

Pipeline plan(const Workspace& workspace, const toolchain::Languages& languages, const Pins& pins) {
  Pipeline out = Planner(workspace, languages).plan();
  const workspace::Pipelines& said = workspace.pipelines;
  out.workspace = workspace.name;
  out.trunk = said.trunk;
  out.timeout = said.timeout;
  out.msctl = {said.archive, said.sha256};
  out.image = said.image;
  out.pins = with(shipped_pins(), pins);
  out.cache_url = workspace.cache.url;
  return out;
}

}  // namespace msctl::pipeline
