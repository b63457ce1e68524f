#include "cli/describe/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/describe/text.h"
#include "cli/output/colour.h"
#include "cli/output/table.h"

namespace msctl::cli::describe {
namespace {

class Page {
public:
  Page(std::size_t columns, bool colours)
      : width_(std::clamp<std::size_t>(columns, 40, 100)), colour_(output::palette(colours)) {}

  void heading(std::string_view text) {
    text_ += fmt::format("\n{}{}:{}\n", colour_.bold, text, colour_.reset);
  }

  void paragraph(std::string_view text) {
    for (const std::string& line : wrap(plain(text), width_)) text_ += line + "\n";
  }

  void description(std::string_view text) {
    for (const Block& block : blocks(text)) {
      text_ += "\n";
      if (block.literal)
        literal(block.text);
      else
        paragraph(block.text);
    }
  }

  // Left what is typed, right what it means; below it where it is too long.
  void item(std::string_view left, std::string_view right, std::size_t indent) {
    std::string start = fmt::format("  {}{}{}", colour_.bold, left, colour_.reset);
    std::size_t used = output::columns(left) + 2;
    auto lines = wrap(plain(right), width_ > indent + 20 ? width_ - indent : 20);
    text_ += start;
    if (used + 2 > indent && !lines.empty()) {
      text_ += "\n";
      used = 0;
    }
    for (const std::string& line : lines) {
      text_ += std::string(indent - used, ' ') + line + "\n";
      used = 0;
    }
    if (lines.empty()) text_ += "\n";
  }

  void raw(std::string_view text) { text_ += text; }
  std::string take() { return std::move(text_); }

private:
  void literal(std::string_view text) {
    text_ += "    ";
    for (char c : text) text_ += c == '\n' ? std::string("\n    ") : std::string(1, c);
    text_ += "\n";
  }

  std::size_t width_;
  const output::Palette& colour_;
  std::string text_;
};

constexpr std::size_t kFlagIndent = 28;

void flags(Page& page, std::string_view title, const std::vector<Flag>& all) {
  if (all.empty()) return;
  page.heading(title);
  for (const Flag& flag : all)
    page.item((flag.letter ? "" : "    ") + usage_of(flag), meaning_of(flag), kFlagIndent);
}

void list_commands(Page& page, const Catalogue& catalogue, std::string_view group) {
  std::size_t widest = 0;
  for (const std::string& word : catalogue.words_after(group)) widest = std::max(widest, word.size());
  std::string prefix = group.empty() ? "" : std::string(group) + " ";
  for (Section section : {Section::start, Section::run, Section::gateway, Section::generate, Section::more}) {
    bool first = true;
    for (const Command& command : catalogue.all()) {
      if (command.section != section || !command.path.starts_with(prefix)) continue;
      if (std::string_view(command.path).substr(prefix.size()).find(' ') != std::string_view::npos) continue;
      if (command.path == group) continue;
      if (first) page.heading(group.empty() ? title_of(section) : "Commands");
      first = false;
      page.item(command.name(), command.summary, widest + 5);
    }
  }
}

void arguments(Page& page, const Command& command) {
  if (command.arguments.empty()) return;
  page.heading("Arguments");
  for (const Argument& argument : command.arguments) page.item(argument.name, argument.doc, kFlagIndent);
}

void examples(Page& page, const Command& command) {
  if (command.examples.empty()) return;
  page.heading("Examples");
  std::size_t widest = 0;
  for (const Example& example : command.examples) widest = std::max(widest, example.line.size());
  for (const Example& example : command.examples)
    page.item(example.line, example.doc, std::min<std::size_t>(widest + 5, 50));
}

void exits(Page& page, const Command& command) {
  page.heading("Exit status");
  for (const ExitMeaning& exit : exits_of(command))
    page.item(fmt::format("{}", static_cast<int>(exit.status)), exit.doc, 8);
}

void environment(Page& page, const Command& command) {
  std::string flag = command.flags.empty() ? "output" : command.flags.front().name;
  page.raw("\n");
  page.paragraph(fmt::format("Each flag can be set in the environment, too: --{} by {}. What is typed wins.",
                             flag, variables(command.path, *command.flag(flag)).front()));
}

}  // namespace

std::string help(const Catalogue& catalogue, std::size_t columns, bool colours) {
  Page page(columns, colours);
  page.raw(
      "msctl builds and operates microservices: one workspace, one gateway, on the laptop as in the "
      "cluster.\n");
  page.raw("\nUsage: msctl [flags] COMMAND\n");
  list_commands(page, catalogue, "");
  flags(page, "Flags of every command", common_flags());
  page.item("    --version", "print the version", kFlagIndent);
  page.raw("\n'msctl COMMAND --help' tells more of one command, 'man msctl' of all.\n");
  return page.take();
}

std::string help(const Catalogue& catalogue, const Command& command, std::size_t columns, bool colours) {
  Page page(columns, colours);
  page.paragraph(fmt::format("msctl {}: {}", command.path, command.summary));
  page.raw(fmt::format("\nUsage: {}\n", usage_of(command)));
  page.description(command.description);
  if (command.is_group()) {
    list_commands(page, catalogue, command.path);
    page.raw(fmt::format("\n'msctl {} COMMAND --help' tells more of one.\n", command.path));
    return page.take();
  }
  arguments(page, command);
  flags(page, "Flags", command.flags);
  flags(page, "Flags of every command", common_flags());
  examples(page, command);
  exits(page, command);
  environment(page, command);
  return page.take();
}

}  // namespace msctl::cli::describe
