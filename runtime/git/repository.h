// The user's own repository, read: revisions, files as a commit has them, what is ignored. Nothing is
// written, no hook, filter or other program of its configuration is run.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/git/index_file.h"
#include "runtime/git/library.h"

namespace msctl::git {

class Repository {
public:
  // The one at or above `folder`. Errors: noRepository, badRepository (without a working tree).
  static base::Result<Repository> open(const std::string& folder);

  const std::string& work_folder() const { return work_folder_; }  // ends with '/'
  // A folder of the working tree as paths in it begin: "shop/", or empty for its root.
  std::string prefix_of(const std::string& folder) const;
  const std::string& index_path() const { return index_path_; }
  std::string common_path() const;   // ends with '/': .git, also of a linked working tree
  std::string objects_path() const;  // where its objects are
  bool is_shallow() const;

  // What a revision leads to, as 40 hex digits. Errors: unknownRevision, shallowClone.
  base::Result<std::string> commit(const std::string& revision) const;
  // Errors: unknownRevision (none), shallowClone (none known here).
  base::Result<std::string> merge_base(const std::string& commit, const std::string& other) const;

  // The tree of a commit, or of a folder in it; nullptr where there is none.
  Owned<git_tree> tree(const std::string& commit, std::string_view folder = {}) const;
  Owned<git_tree> tree(const ObjectId& id) const;
  // A file as a commit has it.
  std::optional<std::string> read(const std::string& commit, const std::string& path) const;

  // The id that a file (or a link's target) of the working tree would be stored under, line endings as
  // stored; of a submodule the commit that it is at. Nothing where it cannot be read. `converted`: as
  // attributes and configuration have it, for which libgit2 reads the whole index.
  std::optional<ObjectId> hash(const std::string& path, std::uint32_t mode, bool converted) const;
  // Whether files may be stored as something else than their bytes, attributes in the tree aside.
  bool converts() const;
  // A folder's path ends with '/'.
  bool is_ignored(const std::string& path) const;

private:
  explicit Repository(Owned<git_repository> repository);

  Owned<git_repository> repository_;
  std::string work_folder_;
  std::string index_path_;
};

ObjectId id_of(const git_oid& id);

// "this clone is shallow, and …", with how to deepen it.
std::unexpected<base::Error> shallow_clone(std::string_view what);

}  // namespace msctl::git
