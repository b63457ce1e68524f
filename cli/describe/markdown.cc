#include "cli/describe/markdown.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/describe/text.h"

namespace msctl::cli::describe {
namespace {

// Within a table's cell.
std::string cell(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

std::string anchor(const Command& command) {
  std::string name = "msctl-" + command.path;
  for (char& c : name)
    if (c == ' ') c = '-';
  return name;
}

std::string flag_rows(std::string_view path, const std::vector<Flag>& flags) {
  std::string rows;
  for (const Flag& flag : flags) {
    std::vector<std::string> names;
    for (const std::string& name : variables(path, flag)) names.push_back("`" + name + "`");
    rows += fmt::format("| `{}` | {} | {} |\n", cell(usage_of(flag)), cell(meaning_of(flag)),
                        fmt::join(names, " "));
  }
  return rows;
}

std::string section_of(const Command& command) {
  std::string out = fmt::format("\n## msctl {}\n\n`{}`\n\n", command.path, usage_of(command));
  for (const Block& block : blocks(command.description))
    out += block.literal ? fmt::format("```sh\n{}\n```\n\n", block.text) : block.text + "\n\n";
  if (!command.arguments.empty()) {
    out += "| Argument | Meaning |\n|---|---|\n";
    for (const Argument& argument : command.arguments)
      out += fmt::format("| `{}` | {} |\n", cell(usage_of(argument)), cell(argument.doc));
    out += "\n";
  }
  if (!command.flags.empty())
    out += "| Flag | Meaning | Variable |\n|---|---|---|\n" + flag_rows(command.path, command.flags) + "\n";
  out += "| Exit status | Meaning |\n|---|---|\n";
  for (const ExitMeaning& exit : exits_of(command))
    out += fmt::format("| {} | {} |\n", static_cast<int>(exit.status), cell(exit.doc));
  if (!command.examples.empty()) {
    out += "\n```sh\n";
    for (const Example& example : command.examples)
      out += fmt::format("{}   # {}\n", example.line, plain(example.doc));
    out += "```\n";
  }
  return out;
}

}  // namespace

std::string commands_page(const Catalogue& catalogue) {
  std::string out =
      "<!-- Written by ./dev man from the commands' descriptions in cli/commands. -->\n# Commands\n\n";
  for (Section section : {Section::start, Section::run, Section::gateway, Section::generate, Section::more}) {
    std::string rows;
    for (const Command& command : catalogue.all())
      if (command.section == section && !command.is_group())
        rows +=
            fmt::format("| [`msctl {}`](#{}) | {} |\n", command.path, anchor(command), cell(command.summary));
    if (!rows.empty()) out += fmt::format("| {} | |\n|---|---|\n{}\n", title_of(section), rows);
  }
  out +=
      "## Flags of every command\n\n"
      "Every flag has a variable, `MSCTL_<COMMAND>_<FLAG>`. What is typed wins over the variable, and that "
      "over the default.\n\n"
      "| Flag | Meaning | Variable |\n|---|---|---|\n" +
      flag_rows("", common_flags());
  for (const Command& command : catalogue.all())
    if (!command.is_group()) out += section_of(command);
  return out;
}

std::string codes_page() {
  std::string out =
      "<!-- Written by ./dev man from runtime/base/codes. -->\n# Error codes\n\n"
      "`msctl explain CODE` prints the same.\n\n| Code | Exit status | Meaning |\n|---|---|---|\n";
  for (const base::CodeInfo& info : base::all_codes())
    out += fmt::format("| [{0}](#{0}) | {1} | {2} |\n", base::to_string(info.code),
                       static_cast<int>(info.exit), cell(info.title));
  for (const base::CodeInfo& info : base::all_codes()) {
    out += fmt::format("\n<a id=\"{0}\"></a>\n## {0}: {1}\n\n{2}\n", base::to_string(info.code), info.title,
                       info.cause);
    if (!info.example.empty()) out += fmt::format("\n```text\n{}\n```\n", info.example);
    out += fmt::format("\n{}\n", info.cure);
  }
  return out;
}

}  // namespace msctl::cli::describe
