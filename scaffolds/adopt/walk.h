// The folders of a repository and their files, looked at once. Hidden folders, what git ignores, what package
// managers and builds make, and tests are left out; links are not followed, so that none leads outside or in
// a circle.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/toolchain/language.h"

namespace msctl::scaffolds::adopt {

// Whether git ignores a folder, given relative to the root; empty: nobody knows.
using Ignored = std::function<bool(const std::string& folder)>;

struct WalkOptions {
  const toolchain::Languages* languages = nullptr;  // for what their builds make
  Ignored ignored;
  std::function<bool()> interrupted;
  int deepest = 12;
  std::size_t most_files = 200'000;
};

class Repository {
public:
  explicit Repository(std::string root) : root_(std::move(root)) {}

  const std::string& root() const { return root_; }

  // Names of the regular files in a folder, sorted; "" is the root.
  const std::vector<std::string>& files(const std::string& folder) const;
  bool has(const std::string& path) const;
  std::vector<std::string> folders() const;

  // Files below `folder` that fit a glob ('*' within a name, '**' for any folders), relative to it, sorted.
  std::vector<std::string> match(const std::string& folder, const std::string& glob) const;

  // The text of a file, at most `most` bytes of it where that is given.
  base::Result<std::string> read(const std::string& path) const;

  std::map<std::string, std::vector<std::string>> by_folder;
  std::set<std::string> repositories;  // folders below the root that are git repositories of their own
  base::Errors warnings;  // what was left out because it is too deep or too much, or may not be read

private:
  std::string root_;
};

// Errors: interrupted, unreadableFile for the root.
base::Result<Repository> walk(const std::string& root, const WalkOptions& options);

std::string join(const std::string& folder, const std::string& name);         // "" and "x": "x"
std::string parent_of(const std::string& path);                               // "a/b": "a"; "a": ""
std::string name_of(const std::string& path);                                 // "a/b": "b"
std::string relative_to(const std::string& path, const std::string& folder);  // "a" from "a/b": ".."

}  // namespace msctl::scaffolds::adopt
