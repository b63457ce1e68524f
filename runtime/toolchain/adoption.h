// How a language is recognised in a repository that msctl did not write: the section `adopt` of its
// language.yaml, as data. Words of argument vectors may hold {variables}; what they mean stands in
// docs/scaffolds.md.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/schema/schema.h"

namespace msctl::toolchain {

// Something that a folder has, or has not. Files are globs below the folder; {root} stands for the outer
// project's.
struct Condition {
  std::vector<std::string> files;
  std::vector<std::string> keys;  // dotted, within a file of JSON, TOML, XML or YAML: any of them
  std::string matches;            // RE2: in the value of the key, else in the file
  std::string excludes;           // RE2: what was found must not match it
  std::string name;               // of the variable that takes what was found
  std::string command;            // RE2: the program that the image runs
  bool absent = false;            // it must not hold
};

// A command that holds under conditions. Of a list, all whose conditions hold are run, one after the other.
struct ConditionalStep {
  std::vector<Condition> when;
  std::vector<std::string> argv;
};

// One way in which a folder is a program: the first that holds counts.
struct Program {
  std::vector<Condition> when;
  std::vector<std::string> build;  // instead of the language's steps; empty: those
  std::vector<std::string> run;
};

struct ConditionalValue {
  std::string name, value;
  std::vector<Condition> when;
};

struct Adoption {
  std::vector<std::string> marks;      // a folder with one of these files is a project of the language
  std::vector<std::string> sources;    // globs of what it is written in
  std::vector<std::string> members;    // folders in a project that may be programs of their own
  std::vector<std::string> artefacts;  // folders that a build makes in a project, beside the language's own
  std::vector<std::string> layout;     // with all of these files the language's own commands fit
  Condition outer;                     // what the file of an outer project has; no files: there are none
  std::vector<ConditionalValue> values;
  std::vector<Program> programs;
  std::vector<ConditionalStep> build, test, lint;
};

schema::TypePtr adoption_type();

// `node`: one that fits adoption_type().
Adoption adoption_of(const yaml::Node& node);

}  // namespace msctl::toolchain
