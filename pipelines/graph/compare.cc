#include "pipelines/graph/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "pipelines/graph/keys.h"
#include "runtime/base/file.h"
#include "runtime/workspace/find.h"

namespace msctl::graph {
namespace {

namespace fs = std::filesystem;
using base::Code;

constexpr std::string_view workspace_file = "msctl.yaml";

// "msctl.yaml" and its overlays, "msctl.staging.yaml".
bool is_workspace_file(std::string_view path) {
  return path == workspace_file ||
         (path.starts_with("msctl.") && path.ends_with(".yaml") && path.find('/') == std::string_view::npos);
}

// A provider's file of keys is part of what the provider is.
std::vector<std::string> keys_of_file(const workspace::Workspace& workspace, const std::string& path) {
  std::vector<std::string> out;
  for (const gateway::config::Provider& provider : workspace.gateway.authentication)
    if (!provider.keys_file.empty() &&
        (fs::path(workspace.root) / provider.keys_file).lexically_normal() == fs::path(workspace.root) / path)
      out.push_back("gateway.authentication." + provider.name);
  return out;
}

void add_joined(const yaml::Node& before, const workspace::Workspace& workspace, Changes& out) {
  const yaml::Node* patterns = before.find("services");
  for (const workspace::Service& service : workspace.services) {
    const bool covered =
        patterns != nullptr && std::ranges::any_of(patterns->items, [&](const yaml::Node& each) {
          return workspace::covers(each.scalar, service.relative);
        });
    if (!covered) out.joined.push_back(service.name);
  }
}

}  // namespace

base::Result<Base> find_base(const git::Repository& repository, const std::string& revision) {
  if (!revision.empty()) {
    auto commit = repository.commit(revision);
    if (!commit) return std::unexpected(std::move(commit.error()));
    return Base{std::move(*commit), revision};
  }
  auto head = repository.commit("HEAD");
  if (!head) return std::unexpected(std::move(head.error()));
  for (const char* branch : {"origin/HEAD", "origin/main", "origin/master"}) {
    auto there = repository.commit(std::string("refs/remotes/") + branch);
    if (!there) continue;
    auto parted = repository.merge_base(*head, *there);
    if (!parted) return std::unexpected(std::move(parted.error()));
    return Base{std::move(*parted), fmt::format("the merge base of HEAD and {}", branch)};
  }
  if (repository.is_shallow()) return git::shallow_clone("origin's own branch is not in it");
  return base::fail(Code::noBase, "there is no origin/HEAD to compare with",
                    "msctl affected --base main; or git remote set-head origin --auto");
}

base::Result<Comparison> compare(const std::string& root, const std::string& revision) {
  auto repository = git::Repository::open(root);
  if (!repository) return std::unexpected(std::move(repository.error()));
  auto base = find_base(*repository, revision);
  if (!base) return std::unexpected(std::move(base.error()));
  const std::string prefix = repository->prefix_of(root);
  auto changed = git::changes(*repository, base->commit, prefix);
  if (!changed) return std::unexpected(std::move(changed.error()));
  return Comparison{std::move(*repository), std::move(*base), prefix, std::move(*changed)};
}

Changes changes_of(const Comparison& comparison, const workspace::Workspace& workspace) {
  Changes out;
  for (const git::Change& change : comparison.changes) {
    const std::string path = change.path.substr(comparison.prefix.size());
    std::vector<std::string> keys = keys_of_file(workspace, path);
    if (is_workspace_file(path)) {
      const yaml::Node before =
          yaml::parse(path, comparison.repository.read(comparison.base.commit, change.path).value_or(""))
              .root;
      keys = changed_keys(before,
                          yaml::parse(path, base::read_file(workspace.root + "/" + path).value_or("")).root);
      if (path == workspace_file &&
          std::ranges::any_of(keys, [](const std::string& key) { return key.empty() || key == "services"; }))
        add_joined(before, workspace, out);
    } else if (keys.empty()) {
      out.paths.push_back(path);
    }
    out.keys.insert(out.keys.end(), keys.begin(), keys.end());
  }
  std::ranges::sort(out.keys);
  out.keys.erase(std::unique(out.keys.begin(), out.keys.end()), out.keys.end());
  return out;
}

}  // namespace msctl::graph
