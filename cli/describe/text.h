// Texts of a description as plain words: what --help, the manual pages and the reference page share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace msctl::cli::describe {

// "SERVICE…", "[SERVICE…]"; "METHOD"; "[dockerfile|all]".
std::string usage_of(const Argument& argument);

// "-e, --env ENV", "--affected[=BASE]", "--detach".
std::string usage_of(const Flag& flag);

// "msctl status [flags] [SERVICE]".
std::string usage_of(const Command& command);

// The sentence about a flag, with its choices, default and whether it repeats.
std::string meaning_of(const Flag& flag);

// Arguments with a documented meaning, and all exit statuses: the command's own with the common ones,
// ascending.
std::vector<ExitMeaning> exits_of(const Command& command);

std::string_view title_of(Section section);

// A block of a description: a paragraph (one line, however long), or lines that are shown as they stand.
struct Block {
  bool literal = false;
  std::string text;
};
std::vector<Block> blocks(std::string_view text);

// `text` with backticks replaced by quotes.
std::string plain(std::string_view text);

// Broken at spaces to lines of at most `width` columns.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

}  // namespace msctl::cli::describe
