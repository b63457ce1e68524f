// What the git repository around a proposal has to do with it.
#pragma once

#include <optional>
#include <string>

#include "runtime/git/ignored.h"
#include "runtime/toolchain/language.h"
#include "scaffolds/adopt/propose.h"

namespace msctl::cli::join {

// The root of the git repository that `folder` is in, if that is a folder above it.
std::optional<std::string> repository_above(const std::string& folder);

// Warns of what is not looked at because the command was started below the repository's root, and of what
// builds make and git does not ignore.
void look_at_git(const std::string& root, const git::IgnoredFolders& ignored,
                 const toolchain::Languages& languages, scaffolds::adopt::Proposal& proposal);

}  // namespace msctl::cli::join
