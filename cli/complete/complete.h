// What can stand at the cursor: the answer of `msctl __complete`, which the completion scripts of the shells
// call.
//
// The words of the line up to the cursor, the last one perhaps empty, give candidates, one a line with its
// meaning behind a tab, and one last line that begins with ':' and tells the shell what else holds: ':files',
// ':folders' (complete names of files in the shell's own way), ':nospace' (more follows in the same word),
// ':done'.
#pragma once

#include <string>
#include <vector>

#include "cli/context.h"

namespace msctl::cli::complete {

struct Candidate {
  std::string word;
  std::string doc;
};

struct Completion {
  std::vector<Candidate> candidates;
  std::string directive = "done";
};

Completion complete(const Context& context, const std::vector<std::string>& words);

// Prints `complete`'s answer.
void answer(Context& context, const std::vector<std::string>& words);

}  // namespace msctl::cli::complete
