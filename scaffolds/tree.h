// Files that are to be written, as a value: planned in memory, shown by --dry-run, placed by write.h.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace msctl::scaffolds {

struct NewFile {
  std::string content;
  bool executable = false;
};

// By path, relative to the tree's root: "openapi.yaml", "src/api.cc".
using Tree = std::map<std::string, NewFile>;

// A tree and the folder that it becomes, which must not exist yet.
struct NewFolder {
  std::string path;
  Tree tree;
};

}  // namespace msctl::scaffolds
