#include "runtime/workspace/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>

#include "gateway/config/check.h"
#include "runtime/base/names.h"
#include "runtime/workspace/load.h"
#include "runtime/workspace/to_gateway.h"

namespace msctl::workspace {
namespace {

using base::Code;

base::Location place_of(const std::map<std::string, yaml::Node>& files, const std::string& service,
                        std::string_view key, std::size_t index) {
  auto file = files.find(service);
  const yaml::Node* list = file == files.end() ? nullptr : file->second.find(key);
  return list && index < list->items.size() ? list->items[index].location() : base::Location{};
}

void check_needs_exist(const Workspace& workspace, const std::map<std::string, yaml::Node>& files,
                       const std::set<std::string>& broken, base::Errors& errors) {
  std::vector<std::string> names = workspace.service_names();
  std::set<std::string_view> known(names.begin(), names.end());
  known.insert(broken.begin(), broken.end());
  if (broken.contains("")) return;
  for (const Service& service : workspace.services)
    for (std::size_t i = 0; i < service.needs.size(); ++i)
      if (!known.contains(service.needs[i]))
        errors.push_back(
            {Code::unknownNeed,
             fmt::format("'{}' needs '{}', which does not exist", service.name, service.needs[i]),
             place_of(files, service.name, "needs", i),
             "a service of this workspace",
             base::did_you_mean(service.needs[i], names),
             {}});
}

// Depth first with an explicit path; a need that is on the path closes a circle. Each circle is told once,
// from its alphabetically first service.
void check_cycles(const Workspace& workspace, const std::map<std::string, yaml::Node>& files,
                  base::Errors& errors) {
  enum class Mark { fresh, open, done };
  std::map<std::string, Mark> marks;
  std::map<std::string, const Service*> by_name;
  for (const Service& service : workspace.services) by_name[service.name] = &service;
  std::vector<std::string> path;
  std::function<void(const Service&)> visit = [&](const Service& service) {
    marks[service.name] = Mark::open;
    path.push_back(service.name);
    for (std::size_t i = 0; i < service.needs.size(); ++i) {
      auto need = by_name.find(service.needs[i]);
      if (need == by_name.end()) continue;
      if (marks[need->first] == Mark::fresh) visit(*need->second);
      if (marks[need->first] != Mark::open) continue;
      std::string circle;
      for (auto at = std::ranges::find(path, need->first); at != path.end(); ++at) circle += *at + " → ";
      errors.push_back({Code::needCycle,
                        fmt::format("services need each other in a circle: {}{}", circle, need->first),
                        place_of(files, service.name, "needs", i),
                        "needs without a circle",
                        {},
                        {}});
    }
    path.pop_back();
    marks[service.name] = Mark::done;
  };
  for (const Service& service : workspace.services)
    if (marks[service.name] == Mark::fresh) visit(service);
}

void check_uses(const Workspace& workspace, const std::map<std::string, yaml::Node>& files,
                base::Errors& errors) {
  for (const Service& service : workspace.services)
    for (std::size_t i = 0; i < service.uses.size(); ++i) {
      std::error_code error;
      const std::string& used = service.uses[i];
      if (used.starts_with('/') || used == ".." || used.starts_with("../"))
        errors.push_back({Code::wrongValue,
                          fmt::format("'{}' uses '{}', which is not in the workspace", service.name, used),
                          place_of(files, service.name, "uses", i),
                          "a folder, from the workspace's root",
                          {},
                          {}});
      else if (!std::filesystem::exists(std::filesystem::path(workspace.root) / used, error))
        errors.push_back({Code::unreadableFile,
                          fmt::format("'{}' uses '{}', which does not exist", service.name, service.uses[i]),
                          place_of(files, service.name, "uses", i),
                          "a folder, from the workspace's root",
                          {},
                          {}});
    }
}

}  // namespace

void check(const Workspace& workspace, const std::map<std::string, yaml::Node>& files,
           const std::set<std::string>& broken, base::Errors& errors) {
  check_needs_exist(workspace, files, broken, errors);
  check_cycles(workspace, files, errors);
  check_uses(workspace, files, errors);
  gateway::config::Config gateway = to_gateway(workspace);
  for (const std::string& name : broken) gateway.upstreams.push_back({name, {}, {}});
  if (broken.contains(""))
    std::erase_if(gateway.routes, [](const auto& route) { return !route.upstream.empty(); });
  gateway::config::check(gateway, errors);
}

std::vector<std::string> start_order(const Workspace& workspace) {
  std::vector<std::string> order;
  std::set<std::string> seen;
  std::function<void(const Service&)> visit = [&](const Service& service) {
    if (!seen.insert(service.name).second) return;
    for (const std::string& need : service.needs)
      if (const Service* found = workspace.find(need)) visit(*found);
    order.push_back(service.name);
  };
  for (const Service& service : workspace.services) visit(service);
  return order;
}

}  // namespace msctl::workspace
