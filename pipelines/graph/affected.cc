#include "pipelines/graph/affected.h"

#include <algorithm>
#include <map>
#include <set>

#include "pipelines/graph/keys.h"

namespace msctl::graph {
namespace {

using workspace::Service;
using workspace::Workspace;

// Folders by their paths, so that a file finds its owners by going up.
class Owners {
public:
  explicit Owners(const Workspace& workspace) {
    for (const Service& service : workspace.services) {
      folders_[service.relative] = &service;
      for (const std::string& used : service.uses) users_[used].push_back(&service);
    }
  }

  struct Found {
    const Service* owner = nullptr;
    std::set<const Service*> users;
  };
  // The innermost service's folder around the path, and everyone who uses a folder around it, or it itself.
  Found of(std::string_view path) const {
    Found out;
    if (path.ends_with('/')) path.remove_suffix(1);
    for (std::string_view at = path;;
         at = at.substr(0, at.rfind('/') == std::string_view::npos ? 0 : at.rfind('/'))) {
      if (auto owner = folders_.find(at); out.owner == nullptr && owner != folders_.end())
        out.owner = owner->second;
      if (auto users = users_.find(at); users != users_.end())
        out.users.insert(users->second.begin(), users->second.end());
      if (at.empty()) return out;  // the root
    }
  }

private:
  std::map<std::string, const Service*, std::less<>> folders_;
  std::map<std::string, std::vector<const Service*>, std::less<>> users_;
};

using Causes = std::map<std::string, std::vector<Cause>>;

void add_paths(const Workspace& workspace, const std::vector<std::string>& paths, Causes& causes,
               std::vector<std::string>& unowned) {
  const Owners owners(workspace);
  for (const std::string& path : paths) {
    const Owners::Found found = owners.of(path);
    if (found.owner != nullptr) causes[found.owner->name].push_back({Cause::Kind::file, path});
    for (const Service* user : found.users)
      if (user != found.owner) causes[user->name].push_back({Cause::Kind::uses, path});
    if (found.owner == nullptr && found.users.empty()) unowned.push_back(path);
  }
}

void add_keys(const Workspace& workspace, const std::vector<std::string>& keys, Causes& causes) {
  for (const std::string& key : keys)
    for (const Service& service : workspace.services)
      if (matters(key, service)) causes[service.name].push_back({Cause::Kind::key, key});
}

// Whoever needs an affected service is affected in turn, over any number of steps.
void add_needs(const Workspace& workspace, Causes& causes) {
  std::map<std::string, std::vector<const Service*>> callers;
  for (const Service& service : workspace.services)
    for (const std::string& need : service.needs) callers[need].push_back(&service);
  std::vector<std::string> waiting;
  for (const auto& [name, because] : causes) waiting.push_back(name);
  while (!waiting.empty()) {
    const std::string name = std::move(waiting.back());
    waiting.pop_back();
    for (const Service* caller : callers[name]) {
      auto [entry, first] = causes.try_emplace(caller->name);
      entry->second.push_back({Cause::Kind::need, name});
      if (first) waiting.push_back(caller->name);
    }
  }
}

}  // namespace

std::string_view kind_name(Cause::Kind kind) {
  switch (kind) {
    case Cause::Kind::file:
      return "file";
    case Cause::Kind::uses:
      return "uses";
    case Cause::Kind::key:
      return "key";
    case Cause::Kind::need:
      return "need";
  }
  return {};
}

bool Affected::itself() const {
  return std::ranges::any_of(because, [](const Cause& cause) { return cause.kind != Cause::Kind::need; });
}

Verdict affected(const Workspace& workspace, const Changes& changes) {
  Verdict out;
  Causes causes;
  add_paths(workspace, changes.paths, causes, out.unowned);
  add_keys(workspace, changes.keys, causes);
  for (const std::string& name : changes.joined) causes[name].push_back({Cause::Kind::key, "services"});
  add_needs(workspace, causes);
  for (auto& [name, because] : causes) {
    std::ranges::sort(because, [](const Cause& a, const Cause& b) {
      return a.kind != b.kind ? a.kind < b.kind : a.what < b.what;
    });
    out.services.push_back({name, std::move(because)});
  }
  return out;
}

}  // namespace msctl::graph
