#include "runtime/toolchain/image.h"

namespace msctl::toolchain {
namespace {

schema::TypePtr texts() {
  return schema::list(schema::text());
}

schema::TypePtr files_type() {
  return schema::list(schema::object({
      {"from", schema::text("dist"), "A file or a folder, in the service's folder unless absolute.", true},
      {"to", schema::text("dist"), "Where it stands below /app.", false, "as in the service's folder"},
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

std::vector<ImageFiles> files_of(const yaml::Node& map, std::string_view key) {
  std::vector<ImageFiles> out;
  if (const yaml::Node* list = map.find(key))
    for (const yaml::Node& item : list->items)
      out.push_back(
          {text(item, "from"), text(item, "to"), strings(item, "except"), text(item, "optional") == "true"});
  return out;
}

}  // namespace

schema::TypePtr image_type() {
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

Image image_of(const yaml::Node& node) {
  Image out;
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
  out.variables = pairs(node, "variables");
  out.run = strings(node, "run");
  return out;
}

}  // namespace msctl::toolchain
