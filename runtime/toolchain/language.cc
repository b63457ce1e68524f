#include "runtime/toolchain/language.h"

#include <algorithm>

#include "runtime/base/yaml/node.h"
#include "runtime/toolchain/values.h"

namespace msctl::toolchain {
namespace {

schema::TypePtr argv_type() {
  return schema::list(schema::text());
}

schema::Field optional(std::string name, schema::TypePtr type, std::string doc) {
  return {std::move(name), std::move(type), std::move(doc), false, {}};
}

schema::Field required(std::string name, schema::TypePtr type, std::string doc) {
  return {std::move(name), std::move(type), std::move(doc), true, {}};
}

schema::TypePtr requirement_type() {
  return schema::object({
      required("command", schema::text("go"), "A program that must be on PATH."),
      optional("version", argv_type(), "Prints its version."),
      optional("atLeast", schema::text("1.22"), "The oldest version that will do."),
      optional("debian", schema::one_of({schema::text("golang-go"), argv_type()}),
               "The packages that bring it."),
      optional("why", schema::text(), "What it is for."),
  });
}

schema::TypePtr junit_type() {
  return schema::object({
      optional("arguments", argv_type(), "Appended to the last test step."),
      optional("file", schema::text(),
               "Where the results then stand, below the service's folder: a document, or a folder of them."),
  });
}

std::vector<Argv> steps_of(const yaml::Node& map, std::string_view key) {
  std::vector<Argv> out;
  const yaml::Node* steps = map.find(key);
  if (steps == nullptr) return out;
  for (const yaml::Node& step : steps->items) {
    Argv argv;
    for (const yaml::Node& word : step.items) argv.push_back(word.scalar);
    if (!argv.empty()) out.push_back(std::move(argv));
  }
  return out;
}

std::vector<Requirement> requirements_of(const yaml::Node& root) {
  std::vector<Requirement> out;
  const yaml::Node* list = root.find("requires");
  if (list == nullptr) return out;
  for (const yaml::Node& item : list->items)
    out.push_back({text_of(item, "command"), strings_of(item, "version"), text_of(item, "atLeast"),
                   strings_of(item, "debian"), text_of(item, "why")});
  return out;
}

Language language_of(const yaml::Node& root) {
  Language out;
  out.name = text_of(root, "language");
  out.title = text_of(root, "title");
  out.requirements = requirements_of(root);
  out.build = steps_of(root, "build");
  out.test = steps_of(root, "test");
  out.lint = steps_of(root, "lint");
  out.integration = steps_of(root, "integration");
  out.run = strings_of(root, "run");
  out.dev = strings_of(root, "dev");
  out.artefacts = strings_of(root, "artefacts");
  out.inputs = strings_of(root, "inputs");
  out.lock_files = strings_of(root, "lockFiles");
  out.variables = strings_of(root, "variables");
  out.passes = strings_of(root, "passes");
  if (const yaml::Node* junit = root.find("junit"))
    out.junit = {strings_of(*junit, "arguments"), text_of(*junit, "file")};
  if (const yaml::Node* pipeline = root.find("pipeline")) out.pipeline = pipeline_of(*pipeline);
  out.needs_redis = text_of(root, "needsRedis") == "true";
  out.per_need = strings_of(root, "perNeed");
  out.with_needs = strings_of(root, "withNeeds");
  if (const yaml::Node* image = root.find("image")) out.image = workspace::recipe_of(*image);
  if (const yaml::Node* adopt = root.find("adopt")) out.adoption = adoption_of(*adopt);
  return out;
}

}  // namespace

const schema::Type& language_schema() {
  static const schema::TypePtr type = schema::object({
      required("language", schema::scalar(schema::Kind::label, "go"), "The name used in service.yaml."),
      required("title", schema::text("Go (net/http)"), "The name that people read."),
      optional("requires", schema::list(requirement_type()), "The toolchain."),
      optional("build", schema::list(argv_type()),
               "Steps, an argument vector each, run in the service's folder."),
      required("run", argv_type(), "Starts the service."),
      required("test", schema::list(argv_type()), "Steps, after those of build."),
      optional("lint", schema::list(argv_type()), "Steps; each fails on findings."),
      optional("integration", schema::list(argv_type()),
               "Steps that test the running service at GATEWAY_URL, after those of build."),
      optional("dev", argv_type(), "Runs the service so that it reloads itself; empty: it is restarted."),
      optional("artefacts", argv_type(), "What a build makes: never copied, ignored by git."),
      optional("inputs", argv_type(), "Globs of what a build depends on."),
      optional("lockFiles", argv_type(), "The files that pin versions."),
      optional("variables", argv_type(),
               "Environment variables that its tools' results depend on: NAME or PREFIX*."),
      optional(
          "passes", argv_type(),
          "Those that its tools need besides, without effect on a result: caches, mirrors, credentials."),
      optional("junit", junit_type(), "How test results become JUnit XML."),
      optional("pipeline", pipeline_type(), "What it needs where pipelines run."),
      optional("needsRedis", schema::scalar(schema::Kind::boolean),
               "The example resource keeps its data in Redis."),
      optional("perNeed", argv_type(),
               "Template files copied once a need, or one line of a file: \"FILE: LINE\"."),
      optional("withNeeds", argv_type(), "Template files, or lines, only with at least one need."),
      optional("image", workspace::language_recipe_type(),
               "What goes into a service's image, and how it is built for one."),
      optional("adopt", adoption_type(), "How it is recognised in a repository that msctl did not write."),
  });
  return *type;
}

base::Result<Language> parse_language(std::string_view name, std::string_view yaml) {
  yaml::Document document = yaml::parse(std::string(name), std::string(yaml));
  base::Errors errors = std::move(document.errors);
  if (errors.empty()) schema::validate(document.root, language_schema(), errors);
  if (!errors.empty()) {
    base::sort_errors(errors);
    base::Error first = std::move(errors.front());
    for (std::size_t i = 1; i < errors.size(); ++i) first.notes.push_back(errors[i].message);
    return std::unexpected(std::move(first));
  }
  return language_of(document.root);
}

const Language* Languages::find(std::string_view name) const {
  auto found = std::ranges::find(all_, name, &Language::name);
  return found == all_.end() ? nullptr : &*found;
}

std::vector<std::string> Languages::names() const {
  std::vector<std::string> out;
  for (const Language& language : all_) out.push_back(language.name);
  return out;
}

}  // namespace msctl::toolchain
