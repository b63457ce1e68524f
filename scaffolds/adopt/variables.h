// Environment variables as other tools write them, and which of them a file that is committed may hold.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scaffolds/adopt/rules.h"

namespace msctl::scaffolds::adopt {

struct Variable {
  std::string name;
  std::string value;  // with ${…} as Compose understands them
  Place at;
  bool from_outside = false;  // Compose passes it on: no value of its own
};

// KEY=value lines, with their places.
std::vector<Variable> parse_env_file(const std::string& file, std::string_view text);

// Whether a value of this name must not be copied: because of the name, or of what the value looks like.
bool is_secret(std::string_view name, std::string_view value);

// A value as service.yaml writes it: ${VAR} without a default gets an empty one, as in Compose; $$ is a $.
std::string interpolation_of(std::string_view value);

bool is_name_character(char c);  // a letter, a digit, '_'
bool is_variable_name(std::string_view name);

}  // namespace msctl::scaffolds::adopt
