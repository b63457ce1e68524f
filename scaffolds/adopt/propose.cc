#include "scaffolds/adopt/propose.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "scaffolds/adopt/environment.h"

namespace msctl::scaffolds::adopt {

Existing read_existing(Reader& reader) {
  Existing out;
  if (reader.repository().has("msctl.yaml")) {
    out.workspace = true;
    if (const yaml::Node* tree = reader.tree("msctl.yaml"))
      if (const yaml::Node* patterns = tree->find("services")) {
        out.patterns_at = {"msctl.yaml", patterns->line};
        for (const yaml::Node& pattern : patterns->items) out.patterns.push_back(pattern.scalar);
      }
  }
  for (const auto& [folder, files] : reader.repository().by_folder) {
    if (!std::ranges::binary_search(files, "service.yaml")) continue;
    // Kubernetes' manifests of that name may hold several documents, which ours never do.
    const std::string* text = reader.text(join(folder, "service.yaml"));
    const yaml::Document document = yaml::parse("service.yaml", text != nullptr ? *text : std::string{});
    const yaml::Node* name = document.root.find("service");
    if (name != nullptr && name->is_scalar()) {
      out.names.insert(name->scalar);
      const yaml::Node* scheme = document.root.find("scheme");
      out.folders[folder] = {name->scalar, scheme != nullptr ? scheme->scalar : "http"};
    } else {
      out.foreign.insert(folder);
    }
  }
  return out;
}

namespace {

// A service.yaml in a submodule is not this repository's to commit.
void tell_of_repositories(const Repository& repository, Service& service) {
  for (std::string at = service.folder; !at.empty(); at = parent_of(at))
    if (repository.repositories.contains(at))
      return service.warn(service.because,
                          fmt::format("{} is in {}, a git repository of its own", service.name, at),
                          fmt::format("commit {} there, too", service.file()));
}

}  // namespace

Proposal propose(Reader& reader, const ProposeOptions& options) {
  Proposal out;
  out.services = find_services(reader, options, out);
  name_services(reader.repository().root(), options.existing.names, out.services);
  for (Service& service : out.services) {
    if (service.backing || service.known) continue;
    const toolchain::Language* language = options.languages->find(service.language);
    find_commands(reader, language, service);
    find_port(reader, language, service);
    find_health(reader, service);
    tell_of_repositories(reader.repository(), service);
  }
  find_environment(reader, out.services);
  find_uses(reader, options, out.services);
  std::erase_if(out.services, [](const Service& service) { return service.known; });
  if (out.workspace.empty()) out.workspace = label_of(name_of(reader.repository().root()));
  if (out.workspace.empty()) out.workspace = "workspace";
  std::ranges::sort(out.services, [](const Service& a, const Service& b) {
    return std::pair(a.backing, a.name) < std::pair(b.backing, b.name);
  });
  render(options, out);
  out.warnings.insert(out.warnings.end(), reader.repository().warnings.begin(),
                      reader.repository().warnings.end());
  out.warnings.insert(out.warnings.end(), reader.errors.begin(), reader.errors.end());
  base::sort_errors(out.warnings);
  return out;
}

std::vector<std::string> marks(const toolchain::Languages& languages) {
  std::vector<std::string> out;
  for (const toolchain::Language& language : languages.all())
    out.push_back(
        fmt::format("{}: {}, and a program", language.name, fmt::join(language.adoption.marks, ", ")));
  out.emplace_back("a Dockerfile with CMD or ENTRYPOINT");
  out.push_back(fmt::format("a 'build' in {}", fmt::join(compose_names(), ", ")));
  return out;
}

}  // namespace msctl::scaffolds::adopt
