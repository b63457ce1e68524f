#include "runtime/toolchain/adoption.h"

#include "runtime/toolchain/values.h"

namespace msctl::toolchain {
namespace {

schema::TypePtr texts() {
  return schema::list(schema::text());
}

// One, or a list of them.
schema::TypePtr text_or_texts() {
  return schema::one_of({schema::text(), texts()});
}

schema::TypePtr condition_type() {
  return schema::object({
      {"file", text_or_texts(), "Globs of files below the folder; one that fits is enough."},
      {"key", text_or_texts(), "Dotted keys that the file has; one is enough."},
      {"matches", schema::text(), "RE2, in the key's value, else in the file."},
      {"not", schema::text(), "RE2 that what was found does not match."},
      {"as", schema::text(), "The variable that takes what was found."},
      {"command", schema::text(), "RE2: the program that the image runs."},
      {"absent", schema::scalar(schema::Kind::boolean), "It must not hold."},
  });
}

schema::TypePtr steps_type() {
  return schema::list(schema::object({
      {"when", schema::list(condition_type()), "What must hold, all of it."},
      {"argv", texts(), "What is run then.", true},
  }));
}

Condition condition_of(const yaml::Node& node) {
  return {strings_of(node, "file"),
          strings_of(node, "key"),
          text_of(node, "matches"),
          text_of(node, "not"),
          text_of(node, "as"),
          text_of(node, "command"),
          text_of(node, "absent") == "true"};
}

std::vector<Condition> conditions_of(const yaml::Node& map) {
  std::vector<Condition> out;
  if (const yaml::Node* when = map.find("when"))
    for (const yaml::Node& item : when->items) out.push_back(condition_of(item));
  return out;
}

std::vector<ConditionalStep> steps_of(const yaml::Node& map, std::string_view key) {
  std::vector<ConditionalStep> out;
  if (const yaml::Node* steps = map.find(key))
    for (const yaml::Node& step : steps->items)
      out.push_back({conditions_of(step), strings_of(step, "argv")});
  return out;
}

}  // namespace

schema::TypePtr adoption_type() {
  return schema::object({
      {"marks", texts(), "A folder with one of these files is a project of the language.", true},
      {"sources", texts(), "Globs of what it is written in."},
      {"members", texts(), "Folders in a project that may be programs of their own."},
      {"artefacts", texts(), "Folders that a build makes in a project, beside the language's own."},
      {"layout", texts(), "With all of these files the language's own commands fit."},
      {"outer", condition_type(),
       "What the file of an outer project has, as a Maven parent or a Cargo workspace."},
      {"values",
       schema::list(schema::object({
           {"name", schema::text(), "The variable.", true},
           {"value", schema::text(), "What it stands for.", true},
           {"when", schema::list(condition_type()), "What must hold; the first that does counts."},
       })),
       "Variables for the commands below."},
      {"programs",
       schema::list(schema::object({
           {"when", schema::list(condition_type()), "What makes it a program, all of it."},
           {"build", texts(), "How this one is built, instead of the steps below."},
           {"run", texts(), "How it is run.", true},
       })),
       "Ways in which a folder is a program; the first that holds counts, and without one it is a library."},
      {"build", steps_type(), "How it is built: all whose conditions hold, in order."},
      {"test", steps_type(), "How it is tested."},
      {"lint", steps_type(), "How it is linted."},
  });
}

Adoption adoption_of(const yaml::Node& node) {
  Adoption out;
  out.marks = strings_of(node, "marks");
  out.sources = strings_of(node, "sources");
  out.members = strings_of(node, "members");
  out.artefacts = strings_of(node, "artefacts");
  out.layout = strings_of(node, "layout");
  if (const yaml::Node* outer = node.find("outer")) out.outer = condition_of(*outer);
  if (const yaml::Node* values = node.find("values"))
    for (const yaml::Node& value : values->items)
      out.values.push_back({text_of(value, "name"), text_of(value, "value"), conditions_of(value)});
  if (const yaml::Node* programs = node.find("programs"))
    for (const yaml::Node& program : programs->items)
      out.programs.push_back(
          {conditions_of(program), strings_of(program, "build"), strings_of(program, "run")});
  out.build = steps_of(node, "build");
  out.test = steps_of(node, "test");
  out.lint = steps_of(node, "lint");
  return out;
}

}  // namespace msctl::toolchain
