// The one writer of YAML. Block style, keys in the given order, strings quoted exactly where a reader of
// YAML 1.1 or 1.2 would take them for something else (yes, 0755, 1e3, null, 12:30:00, ~).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace msctl::yaml {

std::string write(const nlohmann::ordered_json& value);

// A string with a comment behind it: written `value  # comment`, as files of actions show the tag of a
// digest.
nlohmann::ordered_json with_comment(std::string_view value, std::string_view comment);

// In a map, before the next key: lines of comment, or, empty, a blank line. The key is one that no file has.
void add_note(nlohmann::ordered_json& map, std::string_view text);

// A string as a YAML scalar, quoted only where needed. `flow`: within [] or {}.
std::string scalar(std::string_view text, bool flow = false);

// A key that the map does not have yet. Without looking for it, as [] would: where there are thousands.
void append(nlohmann::ordered_json& map, std::string_view key, nlohmann::ordered_json value);

}  // namespace msctl::yaml
