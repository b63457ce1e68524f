// The one writer of YAML. Block style, keys in the given order, strings quoted exactly where a reader of
// YAML 1.1 or 1.2 would take them for something else (yes, 0755, 1e3, null, 12:30:00, ~).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace msctl::yaml {

std::string write(const nlohmann::ordered_json& value);

// A string as a YAML scalar, quoted only where needed. `flow`: within [] or {}.
std::string scalar(std::string_view text, bool flow = false);

}  // namespace msctl::yaml
