// From the words of a command line, and the environment, to a command and its checked arguments.
//
// The grammar is that of getopt_long(3): --flag VALUE, --flag=VALUE, -f VALUE, -fVALUE, switches bundled
// (-vf), flags and arguments mixed, `--` ends the flags. Long flags are not abbreviated: a script would break
// when a second one of the same beginning is added. The parser works on the descriptions themselves, so that
// there is no second model of a command to keep in step, an error knows what was meant, and nothing is paid
// for the commands that are not run.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"

namespace msctl::cli::app {

using Variables = std::function<std::optional<std::string>(const std::string&)>;

struct Parsed {
  std::string path;                  // "" for msctl itself
  const Command* command = nullptr;  // of `path`
  bool help = false;
  bool version = false;
  Arguments arguments;
  base::Errors errors;  // of usage; if there are any, `arguments` are not whole
};

Parsed parse(const Catalogue& catalogue, const std::vector<std::string>& words, const Variables& variable);

}  // namespace msctl::cli::app
