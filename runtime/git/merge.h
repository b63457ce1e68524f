// Texts merged and compared as git does it, without a repository.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace msctl::git {

struct MergeSides {
  std::string_view base, ours, theirs;
  std::string our_name, their_name;  // behind the markers of a conflict
};

struct Merged {
  std::string text;
  bool clean = true;  // else conflicts stand in `text`, between markers
};

// What each side changed against `base`, together. Errors: internal (no memory).
base::Result<Merged> merge(const MergeSides& sides);

// As `diff -u` prints it, with `path` on both sides; empty where nothing differs. An empty side of which
// `exists` is not true is /dev/null.
std::string unified_diff(const std::string& path, std::string_view before, bool before_exists,
                         std::string_view after, bool after_exists);

}  // namespace msctl::git
