// What both repositories, the user's own and one that was fetched, are asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/git/library.h"

namespace msctl::git {

std::string hex(const git_oid& id);  // 40 digits

// The id of the commit that a name or an expression ("v1", "HEAD~1") leads to, or empty.
std::string commit_id(git_repository* repository, const std::string& revision);

// The tree of a commit (40 hex digits), or nullptr.
Owned<git_tree> tree_of(git_repository* repository, const std::string& commit);
// The folder "a/b" of a tree; nothing where it has none, nullptr where that cannot be read.
std::optional<Owned<git_tree>> folder_of(git_repository* repository, Owned<git_tree> tree,
                                         std::string_view path);

}  // namespace msctl::git
