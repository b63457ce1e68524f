// The files of one commit, read from the object database.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/git/library.h"

namespace msctl::git {

struct TreeFile {
  std::string path;   // as it stands in the tree: nothing about it is judged
  unsigned mode = 0;  // 0100644, 0100755, 0120000 (link), 0160000 (submodule), or anything else
  std::uint64_t size = 0;
  std::string id;
};

class Tree {
public:
  // `inside`: a folder of the commit, or empty. Errors: badTemplate where it is not there or broken.
  static base::Result<Tree> open(const std::string& repository, const std::string& commit,
                                 const std::string& inside);

  bool has_file(const std::string& name) const;
  // The folders directly below which there is a file of this name.
  std::vector<std::string> folders_with(const std::string& name) const;

  // By path; no more than `most` files and as many folders: then it ends.
  base::Result<std::vector<TreeFile>> list(std::size_t most) const;
  base::Result<std::string> read(const std::string& id) const;

private:
  Tree(Owned<git_repository> repository, Owned<git_odb> objects, Owned<git_tree> tree);
  base::Result<Owned<git_tree>> lookup(const git_oid& id) const;

  Owned<git_repository> repository_;
  Owned<git_odb> objects_;
  Owned<git_tree> tree_;
};

}  // namespace msctl::git
