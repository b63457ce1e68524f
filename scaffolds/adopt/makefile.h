// The targets of a Makefile that a person would type, with their recipes.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace msctl::scaffolds::adopt {

struct MakeTarget {
  std::string recipe;  // its lines, and those of nothing else
  int at = 0;
};

// Targets with a plain name (no pattern, no variable, no special target); of one that is written twice, the
// first.
std::map<std::string, MakeTarget> parse_makefile(std::string_view text);

}  // namespace msctl::scaffolds::adopt
