#include "runtime/local/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runtime/base/names.h"

namespace msctl::local {
namespace {

using workspace::Workspace;

// The named ones and, again and again, what they need.
std::expected<std::set<std::string>, base::Errors> closure(const Workspace& workspace,
                                                           const std::vector<std::string>& names) {
  std::set<std::string> out;
  base::Errors errors;
  std::vector<std::string> open = names.empty() ? workspace.service_names() : names;
  while (!open.empty()) {
    std::string name = open.back();
    open.pop_back();
    if (!out.insert(name).second) continue;
    const workspace::Service* service = workspace.find(name);
    if (service == nullptr) {
      errors.push_back(base::fail(base::Code::unknownName, fmt::format("there is no service '{}'", name),
                                  base::did_you_mean(name, workspace.service_names()))
                           .error());
      continue;
    }
    open.insert(open.end(), service->needs.begin(), service->needs.end());
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return out;
}

base::Error at(const workspace::Service& service, base::Code code, std::string message,
               std::string suggestion) {
  base::Error error = base::fail(code, std::move(message), std::move(suggestion)).error();
  error.at = service.at;
  return error;
}

void add_secrets(const workspace::Service& service, const PlanOptions& options, PlannedService& out,
                 base::Errors& errors) {
  for (const std::string& secret : service.secrets) {
    if (auto value = options.variable(secret))
      out.env[secret] = *value;
    else
      errors.push_back(at(service, base::Code::missingSecret,
                          fmt::format("{} needs the secret {}, which has no value", service.name, secret),
                          fmt::format("set {} in the environment, or in .env of the workspace", secret)));
  }
}

// A container in the foreground of its command-line tool; removed by name when that has ended, since the
// container itself belongs to a daemon, or to a monitor that nobody of ours is the parent of.
void plan_container(const workspace::Service& service, const std::string& tool, PlannedService& out) {
  out.run = {tool,
             "run",
             "--rm",
             "--name",
             "$NAME",
             "-p",
             fmt::format("127.0.0.1:$PORT:{}",
                         service.image_port > 0 ? std::to_string(service.image_port) : "$PORT")};
  for (const auto& [name, value] : out.env) {
    out.run.push_back("-e");
    out.run.push_back(name + "=" + value);
  }
  out.run.push_back(service.image);
  out.cleanup = {tool, "rm", "-f", "$NAME"};
}

void plan_backing(const workspace::Service& service, const PlanOptions& options, PlannedService& out,
                  base::Errors& errors) {
  out.url = service.command.empty() && service.image.empty() ? service.url : "";
  out.spec.external = !out.url.empty();
  if (out.spec.external) return;
  if (!service.command.empty() && !options.find_program(service.command.front()).empty()) {
    out.run = service.command;
    return;
  }
  std::vector<std::string> looked_for;
  if (!service.command.empty()) looked_for.push_back(service.command.front());
  if (!service.image.empty())
    for (const char* tool : {"podman", "docker"}) {
      if (!options.find_program(tool).empty()) return plan_container(service, tool, out);
      looked_for.emplace_back(tool);
    }
  errors.push_back(
      at(service, base::Code::toolMissing,
         fmt::format("{} needs {}, which is not on PATH", service.name, base::either(looked_for)),
         "install one of them, or state the address of a running one: url"));
}

void plan_own(const workspace::Service& service, const toolchain::Languages& languages,
              const PlanOptions& options, PlannedService& out, base::Errors& errors) {
  const toolchain::Language* language = languages.find(service.language);
  out.run = service.commands.run.empty() && language != nullptr ? language->run : service.commands.run;
  if (out.run.empty())
    errors.push_back(at(service, base::Code::missingRun,
                        fmt::format("nothing says how to run {}", service.name), "run: [\"./program\"]"));
  if (language != nullptr) out.requirements = language->requirements;
  if (!options.build) return;
  if (!service.commands.build.empty())
    out.build = {service.commands.build};
  else if (language != nullptr)
    out.build = language->build;
  out.spec.builds = !out.build.empty();
}

PlannedService plan_service(const workspace::Service& service, const toolchain::Languages& languages,
                            const PlanOptions& options, base::Errors& errors) {
  PlannedService out;
  out.spec.name = service.name;
  out.spec.needs = service.needs;
  out.spec.replicas = service.initial_replicas();
  out.spec.checks_live = !service.health.live.empty() && service.health.live != service.health.ready;
  out.folder = service.folder;
  out.env = service.env;
  out.health = service.health;
  out.scheme = service.scheme;
  add_secrets(service, options, out, errors);
  if (service.is_backing())
    plan_backing(service, options, out, errors);
  else
    plan_own(service, languages, options, out, errors);
  return out;
}

}  // namespace

std::expected<std::vector<PlannedService>, base::Errors> plan(const Workspace& workspace,
                                                              const toolchain::Languages& languages,
                                                              const PlanOptions& options) {
  auto wanted = closure(workspace, options.services);
  if (!wanted) return std::unexpected(std::move(wanted.error()));
  std::vector<PlannedService> out;
  base::Errors errors;
  for (const workspace::Service& service : workspace.services)
    if (wanted->contains(service.name)) out.push_back(plan_service(service, languages, options, errors));
  if (errors.empty()) return out;
  base::sort_errors(errors);
  return std::unexpected(std::move(errors));
}

}  // namespace msctl::local
