// msctl.lock: what was generated last, for each file. It is the base of the three-way merge: what stands in a
// file and not here is an edit. It is committed, so that colleagues and CI know the same.
//
// Text, line by line, and not compressed: so that git merges it exactly as it merges the files themselves.
//
//   file compose compose.yaml
//    name: shop
//   end compose.yaml
//
// A head line tells the kind and the path ("program" instead of "file": executable); each line of the content
// follows behind one space, an empty one as it is. The last line tells a lock that was cut off, and parts
// what one branch appends to a file from the file that another branch puts behind it: git merges both.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace msctl::generated {

inline constexpr const char* lock_name = "msctl.lock";

struct Locked {
  std::string kind;
  std::string content;
  bool executable = false;
  bool operator==(const Locked&) const = default;
};

// By path.
using Lock = std::map<std::string, Locked>;

// A lock in which git left a conflict is read as both of its sides: where they differ, the first one's
// content. Errors: badLock.
base::Result<Lock> parse_lock(std::string_view text);

std::string write_lock(const Lock& lock);

// Whether git left a conflict in it: then it is to be written anew, whatever it says.
bool has_conflict(std::string_view text);

// Relative, below the root, written in one way only: what a lock names may be replaced and removed.
bool is_path_inside(std::string_view path);

}  // namespace msctl::generated
