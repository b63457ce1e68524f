#include "cli/join/surroundings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace msctl::cli::join {
namespace {

namespace adopt = scaffolds::adopt;
namespace fs = std::filesystem;

base::Error untold(std::string message, std::string help) {
  return {base::Code::adoptUntold, std::move(message), {}, {}, std::move(help), {}};
}

// Whether `folder`, or a way to it from elsewhere, stands in a command.
bool names(const toolchain::Argv& argv, const std::string& folder) {
  return std::ranges::any_of(argv, [&](const std::string& word) {
    for (std::size_t at = 0; (at = word.find(folder + "/", at)) != std::string::npos; ++at)
      if (at == 0 || word[at - 1] == '/' || word[at - 1] == ' ') return true;
    return false;
  });
}

// Folders that a service's commands say are made by its build.
void add_made(const adopt::Service& service, const toolchain::Language& language,
              std::set<std::string>& made) {
  for (const std::vector<std::string>& list : {language.artefacts, language.adoption.artefacts})
    for (const std::string& folder : list) {
      const std::string outer = adopt::relative_to(service.outer, service.folder) + "/" + folder;
      const bool outside = service.outer != service.folder && names(service.run.argv, outer);
      if (outside)
        made.insert(adopt::join(service.outer, folder));
      else if (names(service.build.argv, folder) || names(service.run.argv, folder))
        made.insert(adopt::join(service.folder, folder));
    }
}

}  // namespace

std::optional<std::string> repository_above(const std::string& folder) {
  std::error_code error;
  fs::path at = fs::absolute(folder, error).lexically_normal();
  if (fs::exists(at / ".git", error)) return std::nullopt;
  while (at.has_relative_path()) {
    at = at.parent_path();
    if (fs::exists(at / ".git", error)) return at.string();
  }
  return std::nullopt;
}

void look_at_git(const std::string& root, const git::IgnoredFolders& ignored,
                 const toolchain::Languages& languages, adopt::Proposal& proposal) {
  const std::optional<std::string> above = repository_above(root);
  if (above)
    proposal.warnings.push_back(
        untold(fmt::format("the repository begins at {}: what else is in it is not looked at", *above),
               fmt::format("msctl init -C {}, for one workspace of all its services", *above)));
  std::error_code error;
  if (!above && !fs::exists(fs::path(root) / ".git", error)) return;
  std::set<std::string> made;
  for (const adopt::Service& service : proposal.services)
    if (const toolchain::Language* language = languages.find(service.language);
        language != nullptr && !service.backing && !service.fits && service.untold.empty())
      add_made(service, *language, made);
  std::erase_if(made, [&](const std::string& folder) { return ignored.is_ignored(folder); });
  if (made.empty()) return;
  proposal.warnings.push_back(
      untold(fmt::format("git does not ignore what builds make: {}", fmt::join(made, ", ")),
             "name them in .gitignore: 'msctl affected' takes what git does not ignore for a change of the "
             "service"));
}

}  // namespace msctl::cli::join
