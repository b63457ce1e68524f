// version: which msctl this is.
#include "cli/version.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/command.h"
#include "cli/output/document.h"

namespace msctl::cli::commands {
namespace {

Outcome run(Context& context, const Arguments&) {
  output::print(context, {{"version", version()}},
                [](std::ostream& out) { out << "msctl " << version() << '\n'; });
  return base::Exit::ok;
}

}  // namespace

Command describe_version() {
  return {.path = "version",
          .section = Section::more,
          .summary = "print the version",
          .description = "Prints the version of this msctl, as `msctl --version` does.",
          .examples = {{"msctl version -o json", "the version as a document"}},
          .run = run};
}

}  // namespace msctl::cli::commands
