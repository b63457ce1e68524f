#include "cli/command.h"

#include <algorithm>
#include <memory>

namespace msctl::cli {
namespace {

std::string capitals(std::string_view text) {
  std::string out;
  for (char c : text)
    out += c == '-' || c == ' ' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
  return out;
}

}  // namespace

std::string_view Command::name() const {
  std::string_view whole = path;
  auto space = whole.rfind(' ');
  return space == std::string_view::npos ? whole : whole.substr(space + 1);
}

const Flag* Command::flag(std::string_view long_name) const {
  for (const Flag& each : flags)
    if (each.name == long_name) return &each;
  for (const Flag& each : common_flags())
    if (each.name == long_name) return &each;
  return nullptr;
}

const std::vector<Flag>& common_flags() {
  static const std::vector<Flag> flags{
      {.name = "output",
       .letter = 'o',
       .value = "FORMAT",
       .kind = Kind::choice,
       .doc = "how to print the result",
       .fallback = "table",
       .choices = {"table", "json", "yaml"},
       .everywhere = true},
      {.name = "color",
       .value = "WHEN",
       .kind = Kind::choice,
       .doc = "when to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb",
       .fallback = "auto",
       .choices = {"auto", "always", "never"},
       .everywhere = true},
      {.name = "directory",
       .letter = 'C',
       .value = "DIR",
       .kind = Kind::folder,
       .doc = "act as if started in DIR",
       .everywhere = true},
      {.name = "help", .letter = 'h', .doc = "show this help"},
  };
  return flags;
}

std::vector<std::string> variables(std::string_view command_path, const Flag& flag) {
  if (flag.name == "help") return {};
  std::vector<std::string> names;
  if (!command_path.empty()) names.push_back("MSCTL_" + capitals(command_path) + "_" + capitals(flag.name));
  if (flag.everywhere) names.push_back("MSCTL_" + capitals(flag.name));
  return names;
}

bool Catalogue::has(std::string_view path) const {
  return std::ranges::any_of(entries_, [&](const Entry& entry) { return entry.path == path; });
}

const Command* Catalogue::find(std::string_view path) const {
  for (const auto& each : found_)
    if (each->path == path) return each.get();
  for (const Entry& entry : entries_)
    if (entry.path == path) return found_.emplace_back(std::make_unique<Command>(entry.describe())).get();
  return nullptr;
}

const std::vector<Command>& Catalogue::all() const {
  if (all_.empty())
    for (const Entry& entry : entries_) all_.push_back(entry.describe());
  return all_;
}

std::vector<std::string> Catalogue::words_after(std::string_view group) const {
  std::string prefix = group.empty() ? "" : std::string(group) + " ";
  std::vector<std::string> words;
  for (const Entry& entry : entries_) {
    if (!entry.path.starts_with(prefix)) continue;
    std::string word = entry.path.substr(prefix.size());
    if (!word.empty() && word.find(' ') == std::string::npos) words.push_back(word);
  }
  return words;
}

}  // namespace msctl::cli
