// What a service shares with others of its project: the module's packages, libraries beside it, lock files. A
// change there changes the service, and `affected` learns it only from `uses`. A library with a description
// of its own (package.json, Cargo.toml, …) counts if the service's description names it, or one that counts
// does; one too many costs a build, one too few hides a change.
#include <algorithm>
#include <map>

#include "scaffolds/adopt/propose.h"
#include "scaffolds/adopt/variables.h"

namespace msctl::scaffolds::adopt {
namespace {

constexpr std::size_t most_uses = 50;

bool is_below(const std::string& path, const std::string& folder) {
  return folder.empty() ? !path.empty() : path.starts_with(folder + "/");
}

bool names(std::string_view text, std::string_view word) {
  auto part_of_word = [](char c) { return is_name_character(c) || c == '-'; };
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string_view::npos; ++at) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !part_of_word(text[at - 1])) && (end == text.size() || !part_of_word(text[end])))
      return true;
  }
  return false;
}

// What other folders of an outer project hold.
struct Shared {
  std::vector<std::string> parts;      // of the project itself: no description of their own
  std::vector<std::string> libraries;  // with one
};

class Project {
public:
  Project(Reader& reader, const toolchain::Language& language, const std::set<std::string>& services)
      : reader_(reader), repository_(reader.repository()), language_(language), services_(services) {}

  Shared shared(const std::string& outer) const {
    Shared out;
    collect(outer, out);
    return out;
  }

  std::vector<std::string> uses(const Service& service, const Shared& shared) const {
    // The members of Go's cmd/* have no description: their module's is theirs.
    const bool own = !marks_in(service.folder).empty();
    std::set<std::string> out;
    for (const std::vector<std::string>& files : {language_.adoption.marks, language_.lock_files})
      for (const std::string& file : files)
        if (const std::string path = join(service.outer, file); repository_.has(path)) out.insert(path);
    // The lock files of other tools than the scaffold's.
    for (const char* glob : {"*.lock", "*-lock.*"})
      for (const std::string& file : repository_.match(service.outer, glob))
        out.insert(join(service.outer, file));
    if (!own) out.insert(shared.parts.begin(), shared.parts.end());

    std::vector<std::string> open{own ? service.folder : service.outer};
    while (!open.empty()) {
      const std::string folder = std::move(open.back());
      open.pop_back();
      for (const std::string& library : shared.libraries)
        if (!out.contains(library) && mentions(folder, library)) {
          out.insert(library);
          open.push_back(library);
        }
    }
    if (out.size() > most_uses) return {service.outer.empty() ? "." : service.outer};
    return {out.begin(), out.end()};
  }

private:
  std::vector<std::string> marks_in(const std::string& folder) const {
    std::vector<std::string> out;
    for (const std::string& mark : language_.adoption.marks)
      for (const std::string& file : repository_.match(folder, mark)) out.push_back(join(folder, file));
    return out;
  }

  template <typename Test>
  bool any_below(const std::string& folder, const Test& test) const {
    for (auto at = repository_.by_folder.lower_bound(folder); at != repository_.by_folder.end(); ++at) {
      if (!at->first.starts_with(folder)) return false;
      if ((at->first == folder || is_below(at->first, folder)) && test(at->first)) return true;
    }
    return false;
  }

  void collect(const std::string& parent, Shared& out) const {
    for (auto at = repository_.by_folder.upper_bound(parent); at != repository_.by_folder.end(); ++at) {
      const std::string& folder = at->first;
      if (!parent.empty() && !folder.starts_with(parent)) break;
      if (parent_of(folder) != parent || !is_below(folder, parent) || services_.contains(folder)) continue;
      if (any_below(folder, [&](const std::string& each) { return services_.contains(each); })) {
        collect(folder, out);
      } else if (!marks_in(folder).empty()) {
        out.libraries.push_back(folder);
      } else if (any_below(folder, [&](const std::string& each) { return !marks_in(each).empty(); })) {
        collect(folder, out);
      } else if (std::ranges::any_of(language_.adoption.sources, [&](const std::string& glob) {
                   return !repository_.match(folder, glob).empty();
                 })) {
        out.parts.push_back(folder);
      }
    }
  }

  // By the name of its folder, or the one that it gives itself.
  bool mentions(const std::string& folder, const std::string& library) const {
    std::vector<std::string> called{name_of(library)};
    for (const std::string& mark : marks_in(library))
      if (const yaml::Node* tree = mark.ends_with(".json") ? reader_.tree(mark) : nullptr)
        if (const yaml::Node* name = tree->find("name"); name != nullptr && name->is_scalar())
          called.push_back(name->scalar);
    return std::ranges::any_of(marks_in(folder), [&](const std::string& mark) {
      const std::string* text = reader_.text(mark, true);
      return text != nullptr && std::ranges::any_of(called, [&](const std::string& name) {
               return !name.empty() && names(*text, name);
             });
    });
  }

  Reader& reader_;
  const Repository& repository_;
  const toolchain::Language& language_;
  const std::set<std::string>& services_;
};

}  // namespace

void find_uses(Reader& reader, const ProposeOptions& options, std::vector<Service>& services) {
  std::set<std::string> folders;
  for (const auto& [folder, known] : options.existing.folders) folders.insert(folder);
  for (const Service& service : services)
    if (!service.backing) folders.insert(service.folder);
  std::map<std::pair<std::string, std::string>, Shared> projects;
  for (Service& service : services) {
    const toolchain::Language* language = options.languages->find(service.language);
    if (service.backing || service.known || language == nullptr || service.outer == service.folder) continue;
    const Project project(reader, *language, folders);
    auto [found, is_new] = projects.try_emplace({service.outer, service.language});
    if (is_new) found->second = project.shared(service.outer);
    service.uses = project.uses(service, found->second);
  }
}

}  // namespace msctl::scaffolds::adopt
