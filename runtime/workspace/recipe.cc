#include "runtime/workspace/recipe.h"

#include <fmt/format.h>

#include <filesystem>

namespace msctl::workspace {
namespace {

schema::TypePtr texts() {
  return schema::list(schema::text());
}

schema::TypePtr files_type() {
  return schema::list(schema::object({
      {"from", schema::text("dist"), "A file or a folder, in the service's folder.", true},
      {"to", schema::text("dist"), "Where it stands: below /app, or, with '/' in front, anywhere.", false,
       "as in the service's folder"},
      {"except", texts(), "Globs of what is left out, within it."},
      {"optional", schema::scalar(schema::Kind::boolean), "It need not be there.", false, "false"},
  }));
}

std::vector<std::string> strings(const yaml::Node& map, std::string_view key) {
  std::vector<std::string> out;
  if (const yaml::Node* value = map.find(key))
    for (const yaml::Node& item : value->items) out.push_back(item.scalar);
  return out;
}

std::string text(const yaml::Node& map, std::string_view key) {
  const yaml::Node* value = map.find(key);
  return value != nullptr ? value->scalar : std::string{};
}

std::vector<std::pair<std::string, std::string>> pairs(const yaml::Node& map, std::string_view key) {
  std::vector<std::pair<std::string, std::string>> out;
  if (const yaml::Node* value = map.find(key))
    for (const yaml::Node::Entry& entry : value->entries)
      out.emplace_back(entry.key.scalar, entry.value.scalar);
  return out;
}

std::vector<RecipeFiles> files_of(const yaml::Node& map, std::string_view key) {
  std::vector<RecipeFiles> out;
  if (const yaml::Node* list = map.find(key))
    for (const yaml::Node& item : list->items)
      out.push_back(
          {text(item, "from"), text(item, "to"), strings(item, "except"), text(item, "optional") == "true"});
  return out;
}

// Something below the folder that the path is relative to, not the folder itself.
bool is_below(const std::string& path) {
  const std::filesystem::path normal = std::filesystem::path(path).lexically_normal();
  return !normal.empty() && normal.is_relative() && *normal.begin() != ".." && normal != ".";
}

}  // namespace

schema::TypePtr language_recipe_type() {
  return schema::object({
      {"base", schema::text("scratch"), "What the image stands on: a reference, or scratch for nothing.",
       true},
      {"locks", texts(),
       "Files that pin versions, without which no image is built; \"FILE: OTHER: TEXT\" only where OTHER has "
       "TEXT."},
      {"portable", schema::scalar(schema::Kind::boolean),
       "What is built runs on every processor, or {arch} tells for which it is built.", false, "false"},
      {"environment", schema::map(schema::text()), "Variables of the steps, over the service's own."},
      {"build", schema::list(texts()), "Steps, instead of the language's.", false, "the language's"},
      {"dependencies", files_type(), "The layer that changes with the lock files only."},
      {"application", files_type(), "The layer that changes with the service."},
      {"programs", texts(), "Programs whose shared libraries are dependencies, too."},
      {"variables", schema::map(schema::text()), "Environment variables of the running service."},
      {"run", texts(), "Starts the service in the image, in /app.", false, "the language's"},
  });
}

schema::TypePtr service_recipe_type() {
  return schema::object({
      {"base", schema::text("scratch"), "What the image stands on: a reference, or scratch for nothing.",
       true},
      {"portable", schema::scalar(schema::Kind::boolean), "What is built runs on every processor.", false,
       "false"},
      {"dependencies", files_type(), "A layer of its own, for what changes rarely."},
      {"application", files_type(), "The layer that changes with the service."},
      {"programs", texts(), "Programs whose shared libraries are in the image, too."},
      {"packages", schema::text("packages.txt"),
       "A file that names what else is in the image, for lists of parts: package URLs, one a line."},
      {"variables", schema::map(schema::text()), "Environment variables of the running service."},
      {"run", texts(), "Starts the service in the image, in /app.", false, "the service's `run`"},
  });
}

Recipe recipe_of(const yaml::Node& node) {
  Recipe out;
  out.base = text(node, "base");
  out.locks = strings(node, "locks");
  out.portable = text(node, "portable") == "true";
  out.environment = pairs(node, "environment");
  if (const yaml::Node* steps = node.find("build"))
    for (const yaml::Node& step : steps->items) {
      out.build.emplace_back();
      for (const yaml::Node& word : step.items) out.build.back().push_back(word.scalar);
    }
  out.dependencies = files_of(node, "dependencies");
  out.application = files_of(node, "application");
  out.programs = strings(node, "programs");
  out.packages = text(node, "packages");
  out.variables = pairs(node, "variables");
  out.run = strings(node, "run");
  return out;
}

void check_recipe(const yaml::Node& node, base::Errors& errors) {
  // What is elsewhere on the machine would be in the image without being an input of it.
  const auto within = [&](const yaml::Node* path) {
    if (path == nullptr || is_below(path->scalar)) return;
    errors.push_back({base::Code::wrongValue,
                      fmt::format("'{}' is not in the service's folder", path->scalar),
                      path->location(),
                      "a path within the service's folder",
                      {},
                      {}});
  };
  for (const char* key : {"dependencies", "application"}) {
    const yaml::Node* files = node.find(key);
    if (files == nullptr) continue;
    for (const yaml::Node& item : files->items) {
      within(item.find("from"));
      const yaml::Node* to = item.find("to");
      const std::string place = to == nullptr ? std::string{} : to->scalar;
      if (to != nullptr && !is_below(place.starts_with('/') ? place.substr(1) : place))
        errors.push_back({base::Code::wrongValue,
                          fmt::format("'{}' is no place in an image", place),
                          to->location(),
                          "a path below /app, or one that begins with '/'",
                          {},
                          {}});
    }
  }
  if (const yaml::Node* programs = node.find("programs"))
    for (const yaml::Node& item : programs->items) within(&item);
  within(node.find("packages"));
}

}  // namespace msctl::workspace
