// help: the same text as --help.
#include "cli/describe/help.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/context.h"
#include "cli/output/document.h"
#include "runtime/base/names.h"

namespace msctl::cli::commands {
namespace {

Outcome run(Context& context, const Arguments& arguments) {
  std::string path = fmt::format("{}", fmt::join(arguments.words("COMMAND"), " "));
  const Catalogue& catalogue = *context.catalogue;
  const Command* command = catalogue.find(path);
  if (!command && !path.empty()) {
    std::vector<std::string> paths;
    for (const Command& each : catalogue.all()) paths.push_back(each.path);
    return fail(base::fail(base::Code::unknownName, fmt::format("no command '{}'", path),
                           base::did_you_mean(path, paths))
                    .error());
  }
  auto columns = static_cast<std::size_t>(context.terminal.columns);
  bool colours = context.settings.colour_out && context.settings.format == Format::table;
  std::string text = command ? describe::help(catalogue, *command, columns, colours)
                             : describe::help(catalogue, columns, colours);
  output::print(context, {{"help", text}}, [&](std::ostream& out) { out << text; });
  return base::Exit::ok;
}

}  // namespace

Command describe_help() {
  return {.path = "help",
          .section = Section::more,
          .summary = "tell how to use a command",
          .description = "Prints what `msctl COMMAND --help` prints.",
          .arguments = {{.name = "COMMAND",
                         .kind = Kind::command,
                         .doc = "such as `status` or `gateway run`",
                         .required = false,
                         .many = true}},
          .examples = {{"msctl help gateway run", "the help of one command"}},
          .run = run};
}

}  // namespace msctl::cli::commands
