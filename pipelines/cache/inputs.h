// What a result depends on, each thing with its name: hashed, it is the key of the result; compared with what
// it was, it says why there is none.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/git/snapshot.h"
#include "runtime/toolchain/language.h"
#include "runtime/workspace/types.h"

namespace msctl::cache {

struct Input {
  std::string name;       // "file services/orders/main.go", "tool go", "variable GOFLAGS", "step 1"
  std::string value;      // of a file its mode and git's id of its content
  git::FileTime changed;  // of a file: when, at last. Not in the key
};

using Inputs = std::vector<Input>;

// 64 hex digits.
std::string key_of(const Inputs& inputs);

// Whether nothing was changed, or written anew, between two looks at the same things. `name`: what was.
bool untouched(const Inputs& before, const Inputs& after, std::string& name);

// Names of what is another, new or gone, in words, at most `most`, and how many more.
std::vector<std::string> differences(const Inputs& before, const Inputs& now, std::size_t most);

// The files of the workspace that git keeps, as they are now.
class Tree {
public:
  // Errors: noRepository, badRepository.
  static base::Result<Tree> look(const std::string& root);

  // Those at or below `path`, but those at or below one of `except`; all from the workspace's root, which is
  // "". False: git keeps nothing there, so what stands there cannot be told.
  bool add(const std::string& path, const std::vector<std::string>& except, Inputs& to) const;

private:
  explicit Tree(std::vector<git::SnapshotFile> files) : files_(std::move(files)) {}
  std::vector<git::SnapshotFile> files_;  // by path, from the workspace's root
};

struct Task {
  std::string kind;  // "test", "lint"
  std::vector<toolchain::Argv> steps;
  std::vector<std::string> variables;  // "NAME=value", that count
  std::vector<std::string>
      except;  // paths in the service's folder that do not count, from the workspace's root
  std::vector<Input> tools;
};

// Errors: notKept, with the reason in words.
base::Result<Inputs> inputs_of(const workspace::Service& service, const Task& task, const Tree& tree);

}  // namespace msctl::cache
