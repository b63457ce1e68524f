#include "cli/describe/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/output/table.h"

namespace msctl::cli::describe {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

std::string usage_of(const Argument& argument) {
  std::string name =
      argument.choices.empty() ? argument.name : fmt::format("{}", fmt::join(argument.choices, "|"));
  if (argument.many) name += "...";
  return argument.required ? name : "[" + name + "]";
}

std::string usage_of(const Flag& flag) {
  std::string text = flag.letter ? fmt::format("-{}, --{}", flag.letter, flag.name) : "--" + flag.name;
  if (flag.is_switch()) return text;
  return text + (flag.optional ? "[=" + flag.value + "]" : " " + flag.value);
}

std::string usage_of(const Command& command) {
  std::string text = "msctl " + command.path;
  if (command.is_group()) return text + " COMMAND";
  text += " [flags]";
  for (const Argument& argument : command.arguments) text += " " + usage_of(argument);
  return text;
}

std::string meaning_of(const Flag& flag) {
  std::string text = flag.doc;
  std::vector<std::string> notes;
  if (flag.required) notes.emplace_back("required");
  if (!flag.choices.empty()) notes.push_back(fmt::format("{}", fmt::join(flag.choices, ", ")));
  if (!flag.fallback.empty()) notes.push_back("default: " + flag.fallback);
  if (flag.optional && !flag.implied.empty()) notes.push_back("without a value: " + flag.implied);
  if (flag.many) notes.push_back("may be repeated");
  if (flag.commas) notes.push_back("a list, parted by commas");
  if (!notes.empty()) text += fmt::format(" ({})", fmt::join(notes, "; "));
  return text;
}

std::vector<ExitMeaning> exits_of(const Command& command) {
  std::vector<ExitMeaning> all = command.exits;
  auto add = [&](base::Exit status, const char* doc) {
    if (std::ranges::find(all, status, &ExitMeaning::status) == all.end()) all.push_back({status, doc});
  };
  add(base::Exit::ok, "done");
  add(base::Exit::usage, "a wrong command line, or a name that does not exist");
  std::ranges::sort(all, {}, &ExitMeaning::status);
  return all;
}

std::string_view title_of(Section section) {
  switch (section) {
    case Section::start:
      return "Begin and check";
    case Section::run:
      return "Run and look after";
    case Section::gateway:
      return "The gateway";
    case Section::generate:
      return "Build and deliver";
    case Section::more:
      break;
  }
  return "About msctl";
}

std::vector<Block> blocks(std::string_view text) {
  std::vector<Block> all;
  bool fresh = true;
  for (std::string_view line : lines_of(text)) {
    if (line.empty()) {
      fresh = true;
      continue;
    }
    bool literal = line.starts_with("    ");
    std::string_view content = literal ? line.substr(4) : line;
    if (fresh || all.back().literal != literal)
      all.push_back({literal, std::string(content)});
    else
      all.back().text += (literal ? "\n" : " ") + std::string(content);
    fresh = false;
  }
  return all;
}

std::string plain(std::string_view text) {
  std::string out(text);
  std::ranges::replace(out, '`', '\'');
  return out;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    auto end = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (!line.empty() && output::columns(line) + 1 + output::columns(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace msctl::cli::describe
