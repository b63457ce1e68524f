#include "runtime/git/objects.h"

#include <algorithm>

namespace msctl::git {

std::string hex(const git_oid& id) {
  char out[GIT_OID_HEXSZ + 1];
  return git_oid_tostr(out, sizeof out, &id);
}

std::string commit_id(git_repository* repository, const std::string& revision) {
  git_object* object = nullptr;
  if (git_revparse_single(&object, repository, revision.c_str()) < 0) return {};
  Owned<git_object> owned(object, git_object_free);
  git_object* commit = nullptr;
  if (git_object_peel(&commit, object, GIT_OBJECT_COMMIT) < 0) return {};
  Owned<git_object> owned_commit(commit, git_object_free);
  return hex(*git_object_id(commit));
}

Owned<git_tree> tree_of(git_repository* repository, const std::string& commit_id) {
  Owned<git_tree> out(nullptr, git_tree_free);
  git_oid id;
  git_commit* commit = nullptr;
  if (git_oid_fromstr(&id, commit_id.c_str()) < 0 || git_commit_lookup(&commit, repository, &id) < 0)
    return out;
  Owned<git_commit> owned(commit, git_commit_free);
  git_tree* tree = nullptr;
  if (git_commit_tree(&tree, commit) == 0) out.reset(tree);
  return out;
}

std::optional<Owned<git_tree>> folder_of(git_repository* repository, Owned<git_tree> tree,
                                         std::string_view path) {
  while (tree != nullptr && !path.empty()) {
    const std::string name(path.substr(0, path.find('/')));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    const git_tree_entry* entry = git_tree_entry_byname(tree.get(), name.c_str());
    if (entry == nullptr || git_tree_entry_type(entry) != GIT_OBJECT_TREE) return std::nullopt;
    git_tree* below = nullptr;
    if (git_tree_lookup(&below, repository, git_tree_entry_id(entry)) < 0) below = nullptr;
    tree.reset(below);
  }
  return tree;
}

}  // namespace msctl::git
