#include "scaffolds/adopt/makefile.h"

#include <vector>

#include "scaffolds/adopt/formats.h"

namespace msctl::scaffolds::adopt {
namespace {

bool is_plain(std::string_view name) {
  return !name.empty() && name.front() != '.' &&
         name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
             std::string_view::npos;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) break;
    text.remove_prefix(first);
    const std::size_t end = text.find_first_of(" \t\r");
    out.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end);
  }
  return out;
}

}  // namespace

std::map<std::string, MakeTarget> parse_makefile(std::string_view text) {
  std::map<std::string, MakeTarget> out;
  std::vector<std::string> open;  // whose recipe is being read
  int line = 0;
  while (!text.empty()) {
    const std::string_view one = take_line(text);
    ++line;
    if (one.starts_with('\t')) {
      for (const std::string& name : open) out[name].recipe.append(one.substr(1)).append("\n");
      continue;
    }
    const std::size_t colon = one.find(':');
    if (one.empty() || one.front() == '#' || one.front() == ' ') continue;
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    open.clear();
    if (colon == std::string_view::npos) continue;
    // NAME := value, NAME ::= value and NAME = a:b are no targets.
    std::size_t next = colon + 1;
    while (next < one.size() && one[next] == ':') ++next;
    if ((next < one.size() && one[next] == '=') || one.substr(0, colon).find('=') != std::string_view::npos)
      continue;
    for (const std::string& name : words(one.substr(0, colon)))
      if (is_plain(name) && out.try_emplace(name, MakeTarget{{}, line}).second) open.push_back(name);
  }
  return out;
}

}  // namespace msctl::scaffolds::adopt
