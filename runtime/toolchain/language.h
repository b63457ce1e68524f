// What msctl knows of a language: argument vectors as data. Each comes from one language.yaml; somebody else
// runs them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/schema/schema.h"
#include "runtime/toolchain/adoption.h"
#include "runtime/toolchain/pipeline.h"
#include "runtime/workspace/recipe.h"

namespace msctl::toolchain {

using Argv = std::vector<std::string>;

// A program that the language needs on PATH.
struct Requirement {
  std::string command;
  Argv version;                     // prints the version; empty: its presence is enough
  std::string at_least;             // "1.22"; empty: any
  std::vector<std::string> debian;  // the packages that bring it
  std::string why;
};

// How the language's own test runner writes JUnit XML.
struct JUnit {
  Argv arguments;    // appended to the last test step
  std::string file;  // where the results then stand, below the service's folder: a document, or a folder of
                     // them; empty: the language has none
};

struct Language {
  std::string name;  // as in service.yaml
  std::string title;
  std::vector<Requirement> requirements;
  // Steps in order, each run in the service's folder, never through a shell.
  std::vector<Argv> build, test, lint;
  std::vector<Argv> integration;  // against the running service, at GATEWAY_URL
  Argv run;
  Argv dev;                            // runs the service so that it reloads itself; empty: restart it
  std::vector<std::string> artefacts;  // what build makes
  std::vector<std::string> inputs;     // globs of what a build depends on
  std::vector<std::string> lock_files;
  std::vector<std::string>
      variables;                    // of the environment: what the tools' results depend on; NAME or PREFIX*
  std::vector<std::string> passes;  // what the tools need besides, and results do not depend on
  JUnit junit;
  PipelineSetup pipeline;
  bool needs_redis = false;
  std::vector<std::string> per_need;    // template files copied once a need, or lines of them: "FILE: LINE"
  std::vector<std::string> with_needs;  // template files, or lines, only with at least one need
  workspace::Recipe image;              // what goes into one; no base: nothing without a Dockerfile
  Adoption adoption;                    // how it is recognised where msctl did not write it; no marks: not
};

// The format of language.yaml.
const schema::Type& language_schema();

// `name`: for errors. All errors of one file end as notes of the first.
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
