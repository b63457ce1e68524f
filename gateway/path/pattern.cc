#include "gateway/path/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gateway/path/normalise.h"

namespace msctl::gateway::path {
namespace {

constexpr std::size_t max_parameters = 16;

std::unexpected<PatternFault> fault(std::string message, std::string expected, std::string suggestion = {}) {
  return std::unexpected(PatternFault{std::move(message), std::move(expected), std::move(suggestion)});
}

bool is_parameter_name(std::string_view name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || c == '-' || (c >= '0' && c <= '9'); });
}

// The literal parts as a path, to see whether they are normal; parameters stand in as a letter.
std::expected<void, PatternFault> check_normal(std::string_view text, const Pattern& pattern) {
  std::string literal;
  for (const Segment& segment : pattern.segments)
    literal += '/' + (segment.parameter ? std::string("x") : segment.text);
  if (literal.empty()) literal = "/";
  std::vector<char> scratch(room(literal.size()));
  auto normal = normalise(literal, scratch);
  if (!normal)
    return fault(fmt::format("no request can match the path '{}': {}", text, describe(normal.error())),
                 "a path in its normal form, like /orders/{id}");
  if (*normal != literal)
    return fault(fmt::format("the path '{}' is not in its normal form", text),
                 "the form that requests are brought into",
                 pattern.has_parameters() || pattern.prefix ? "" : fmt::format("write '{}'", *normal));
  return {};
}

std::expected<Segment, PatternFault> parse_segment(std::string_view part, std::string_view text) {
  if (part.starts_with('{') && part.ends_with('}')) {
    std::string_view name = part.substr(1, part.size() - 2);
    if (!is_parameter_name(name))
      return fault(fmt::format("'{}' is not a parameter", part),
                   "letters, digits, '_' and '-' in braces, like {id}");
    return Segment{true, std::string(name)};
  }
  if (part.find_first_of("{}") != std::string_view::npos)
    return fault(fmt::format("a parameter in '{}' is not a whole segment", text),
                 "one parameter for a whole segment, like /a/{id}");
  if (part.find('*') != std::string_view::npos)
    return fault(fmt::format("'*' does not stand alone at the end of '{}'", text),
                 "'/**' at the end for a prefix, '{name}' for one segment",
                 part == "*" ? "for one segment write '{name}', for the rest '**' at the end" : "");
  return Segment{false, std::string(part)};
}

}  // namespace

bool Pattern::has_parameters() const {
  return parameter_count() > 0;
}

std::size_t Pattern::parameter_count() const {
  return static_cast<std::size_t>(std::ranges::count_if(segments, &Segment::parameter));
}

std::expected<Pattern, PatternFault> parse_pattern(std::string_view text) {
  if (!text.starts_with('/'))
    return fault(fmt::format("the path '{}' does not begin with '/'", text),
                 "a path like /orders, /orders/{id} or /orders/**",
                 text.empty() ? "" : fmt::format("write '/{}'", text));
  Pattern pattern;
  std::string_view rest = text;
  if (rest.ends_with("/**")) {
    pattern.prefix = true;
    rest.remove_suffix(3);
  }
  std::set<std::string> names;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(part.size());
    auto segment = parse_segment(part, text);
    if (!segment) return std::unexpected(segment.error());
    if (segment->parameter && !names.insert(segment->text).second)
      return fault(fmt::format("the parameter '{}' stands twice in '{}'", segment->text, text),
                   "a name of its own for each");
    pattern.segments.push_back(std::move(*segment));
  }
  if (pattern.prefix && !pattern.segments.empty() && pattern.segments.back().text.empty())
    return fault(fmt::format("the path '{}' has an empty segment", text), "a prefix like /orders/**");
  if (names.size() > max_parameters)
    return fault(fmt::format("'{}' has {} parameters", text, names.size()),
                 fmt::format("at most {}", max_parameters));
  if (auto normal = check_normal(text, pattern); !normal) return std::unexpected(normal.error());
  return pattern;
}

}  // namespace msctl::gateway::path
