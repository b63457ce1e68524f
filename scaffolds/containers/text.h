// How generated files are written down.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace msctl::scaffolds::containers {

// The header, and one YAML document after the other.
std::string yaml_file(const std::vector<nlohmann::ordered_json>& documents);

// The header as a comment, for a file in another format.
std::string with_header(std::string_view content);

}  // namespace msctl::scaffolds::containers
