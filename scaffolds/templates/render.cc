#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/yaml/node.h"
#include "scaffolds/embedded.h"
#include "scaffolds/rename.h"
#include "scaffolds/templates/inspect.h"
#include "scaffolds/templates/template.h"

namespace msctl::scaffolds::templates {
namespace {

using base::Code;

constexpr std::string_view service_file = "service.yaml";

struct Replacement {
  std::vector<Renaming> names;
  std::vector<Word> words;
};

Replacement replacement_of(const Description& description, const std::string& name, const Values& values) {
  Replacement out{{{forms_of(description.name), forms_of(name)}}, {}};
  for (const Variable& variable : description.variables)
    if (auto value = values.find(variable.name); value != values.end())
      out.words.push_back({variable.sentinel, value->second});
  return out;
}

// Name by name: a value with a '/' must not make a folder.
base::Result<std::string> rename_path(std::string_view path, const Replacement& replacement) {
  std::string out;
  for (std::string_view rest = path; !rest.empty();) {
    const std::string_view before = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), before.size() + 1));
    const std::string name = rename(before, replacement.names, replacement.words);
    if (name.find('/') != std::string::npos)
      return base::fail(
          Code::templateOutside,
          fmt::format("the template's '{}' would become '{}', which leads elsewhere", path, shown(name)),
          "a value that is part of a file name cannot have a '/'");
    out += (out.empty() ? "" : "/") + name;
  }
  if (auto safe = check_path(out); !safe) return std::unexpected(std::move(safe.error()));
  return out;
}

// The service.yaml that the language's own scaffold would have.
base::Result<NewFile> default_service(const Description& description, const std::string& name) {
  const EmbeddedLanguage* language = find_language(description.language);
  if (language == nullptr)
    return base::fail(
        Code::badTemplate,
        fmt::format("a template of language '{}' needs a service.yaml of its own", description.language));
  auto file = std::ranges::find(language->files, service_file, &EmbeddedFile::path);
  if (file == language->files.end()) return base::fail(Code::badTemplate, "the scaffold has no service.yaml");
  auto without = with_needs(file->content, {});
  if (!without) return std::unexpected(std::move(without.error()));
  std::string content = rename(*without, {{forms_of("sample-service"), forms_of(name)}});
  // Where the scaffold has the line: behind that of the language.
  const std::size_t line = content.find('\n', content.find("language:"));
  if (line != std::string::npos) content.insert(line + 1, "needs: []\n");
  return NewFile{std::move(content), false};
}

std::vector<std::string> needs_of(const yaml::Node& root) {
  std::vector<std::string> out;
  if (const yaml::Node* needs = root.find("needs"))
    for (const yaml::Node& need : needs->items) out.push_back(need.scalar);
  return out;
}

// The needs that were asked for join those that the template has.
base::Result<void> finish_service(NewFile& file, const ServiceRequest& request) {
  const yaml::Document document = yaml::parse(std::string(service_file), file.content);
  const yaml::Node* named = document.root.find("service");
  if (named == nullptr || named->scalar != request.name)
    return base::fail(Code::badTemplate,
                      fmt::format("the template's service.yaml names '{}', not '{}'",
                                  named != nullptr ? shown(named->scalar) : "", request.name),
                      "in the template, 'service' is its sentinel, 'name' of template.yaml");
  std::vector<std::string> needs = needs_of(document.root);
  const std::size_t own = needs.size();
  for (const auto& list : {request.needs, request.backing})
    for (const std::string& need : list)
      if (std::ranges::find(needs, need) == needs.end()) needs.push_back(need);
  // Nothing to add: what the template has stays as it is, also a list over several lines.
  if (needs.size() == own && own > 0) return {};
  if (needs.empty() && document.root.find("needs") == nullptr) return {};
  auto content = with_needs(file.content, needs);
  if (!content) return std::unexpected(std::move(content.error()));
  file.content = std::move(*content);
  return {};
}

}  // namespace

base::Result<Tree> render(const Template& source, const ServiceRequest& request, const Values& values) {
  const Replacement replacement = replacement_of(source.description, request.name, values);
  Tree tree;
  std::vector<std::string> paths;
  std::uint64_t bytes = 0;
  for (const auto& [from, file] : source.files) {
    auto path = rename_path(from, replacement);
    if (!path) return std::unexpected(std::move(path.error()));
    // A NUL byte: not text, so nothing in it is a name.
    const bool binary = file.content.find('\0') != std::string::npos;
    std::string content =
        binary ? file.content
               : rename(file.content, replacement.names, replacement.words, most_bytes - bytes);
    bytes += content.size();
    if (bytes > most_bytes)
      return base::fail(Code::templateTooLarge, "the files would have more than 100 MB with these values");
    paths.push_back(*path);
    tree.emplace(std::move(*path), NewFile{std::move(content), file.executable});  // a second one: clashes
  }
  if (!tree.contains(std::string(service_file))) {
    auto service = default_service(source.description, request.name);
    if (!service) return std::unexpected(std::move(service.error()));
    tree.emplace(service_file, std::move(*service));
    paths.emplace_back(service_file);
  }
  if (auto parted = check_clashes(paths); !parted) return std::unexpected(std::move(parted.error()));
  if (auto finished = finish_service(tree.at(std::string(service_file)), request); !finished)
    return std::unexpected(std::move(finished.error()));
  return tree;
}

}  // namespace msctl::scaffolds::templates
