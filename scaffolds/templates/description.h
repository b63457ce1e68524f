// template.yaml, read and judged.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::scaffolds::templates {

struct Variable {
  enum class Type { text, integer, boolean, choice };
  std::string name;
  Type type = Type::text;
  std::string sentinel;
  std::string description;
  std::optional<std::string> fallback;
  std::string pattern;  // of text; empty: any
  std::optional<std::int64_t> minimum, maximum;
  std::vector<std::string> choices;
};

struct Description {
  std::string title;
  std::string description;
  std::string language;
  std::string name;  // the sentinel
  std::vector<Variable> variables;
};

constexpr std::string_view description_file = "template.yaml";

// `file`: the name that errors show.
std::expected<Description, base::Errors> parse_description(std::string file, std::string text,
                                                           const std::vector<std::string>& languages);

std::string_view type_name(Variable::Type type);

}  // namespace msctl::scaffolds::templates
