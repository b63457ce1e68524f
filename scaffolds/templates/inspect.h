// What a template may hold. It comes from others, so nothing about it is believed; all of this is looked at
// before the first byte of content is read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "scaffolds/templates/source.h"

namespace msctl::scaffolds::templates {

constexpr std::size_t most_files = 10'000;
constexpr std::uint64_t most_bytes = 100'000'000;

// Errors: templateOutside, templateNotFile, templateGit, templateName, templateTooLarge, templateClash.
base::Result<void> inspect(const std::vector<Entry>& entries);

// One path, relative, with '/' between its names. Errors: templateOutside, templateGit, templateName.
base::Result<void> check_path(std::string_view path);

// Errors: templateClash.
base::Result<void> check_clashes(const std::vector<std::string>& paths);

// ".git", and what some file system takes for it: ".GIT", "git~1", ".git.", ".g\u200cit".
bool is_git_name(std::string_view name);

// A path for an error's message: control characters and what is not UTF-8 as \xNN.
std::string shown(std::string_view path);

}  // namespace msctl::scaffolds::templates
