// The index of a repository ("staging area"): what git remembers of each tracked file, so that an unchanged
// one need not be read again. Form: gitformat-index(5), versions 2 to 4.
//
// Ours, and not libgit2's, because libgit2 hides the cached trees and the time of the index itself, without
// which 10,000 files cannot be compared as fast as git does it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::git {

using ObjectId = std::array<unsigned char, 20>;

struct FileTime {
  std::uint32_t seconds = 0, nanoseconds = 0;
  auto operator<=>(const FileTime&) const = default;
};

struct IndexEntry {
  std::string_view path;
  ObjectId id{};
  std::uint32_t mode = 0;  // 0100644, 0100755, 0120000 (link), 0160000 (submodule)
  FileTime changed, modified;
  std::uint32_t inode = 0, uid = 0, gid = 0, size = 0;  // the lower 32 bits of each
  bool conflict = false;                                // one of the sides of a merge
  bool trusted = false;                                 // assume-unchanged or skip-worktree: never looked at
  bool only_intended = false;                           // git add --intent-to-add
};

// The tree that a folder was written as, where nothing in it has been staged since.
struct CachedTree {
  std::string name;  // of the folder; empty: the root
  std::optional<ObjectId> id;
  std::vector<CachedTree> children;
};

struct Index {
  Index() = default;
  Index(Index&&) = default;
  Index& operator=(Index&&) = default;

  std::vector<IndexEntry> entries;  // by path, as bytes
  CachedTree root;

  // What the paths point into.
  std::unique_ptr<const std::string> bytes;
  std::deque<std::string> unpacked;  // of version 4
};

// Errors: badRepository (broken, or of a form that is not read: split or sparse, which the error tells).
base::Result<Index> parse_index(std::string bytes);

}  // namespace msctl::git
