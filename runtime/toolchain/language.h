// What msctl knows of a language: argument vectors as data. Each comes from one language.yaml; somebody else runs them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::toolchain {

using Argv = std::vector<std::string>;

// A program that the language needs on PATH.
struct Requirement {
  std::string command;
  Argv version;          // prints the version
  std::string at_least;  // empty: any
  std::string debian;    // the package that brings it
  std::string why;
};

struct Language {
  std::string name;   // as in service.yaml
  std::string title;
  std::vector<Requirement> requirements;
  std::vector<Argv> build, test, lint;  // steps in order, each run in the service's folder, never through a shell
  Argv run;
  std::vector<std::string> artefacts;   // what build makes
  std::vector<std::string> inputs;      // globs of what a build depends on
  std::vector<std::string> lock_files;
  bool needs_redis = false;
  std::vector<std::string> per_need;    // template files copied once a need
  std::vector<std::string> with_needs;  // template files only with at least one need
};

// `name`: for errors.
base::Result<Language> parse_language(std::string_view name, std::string_view yaml);

class Languages {
 public:
  explicit Languages(std::vector<Language> languages) : all_(std::move(languages)) {}
  const Language* find(std::string_view name) const;
  std::vector<std::string> names() const;
  const std::vector<Language>& all() const { return all_; }

 private:
  std::vector<Language> all_;
};

}  // namespace msctl::toolchain
