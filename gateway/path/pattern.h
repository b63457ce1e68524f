// Patterns of routes: "/a" exact, "/a/{id}" with a parameter for one segment, "/a/**" a prefix at a segment
// boundary.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace msctl::gateway::path {

struct Segment {
  bool parameter = false;
  std::string text;  // the literal, or the parameter's name
};

struct Pattern {
  std::vector<Segment> segments;  // "/a/" has two, the second empty; "/**" none
  bool prefix = false;

  bool has_parameters() const;
  std::size_t parameter_count() const;
};

struct PatternFault {
  std::string message, expected, suggestion;
};

// Literal segments must stand in the normal form, since requests' paths do when they are matched.
std::expected<Pattern, PatternFault> parse_pattern(std::string_view text);

}  // namespace msctl::gateway::path
