// Variables in values: ${VAR} and ${VAR:-default}, from the process's environment and the workspace's .env;
// $${ is a literal ${.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "runtime/base/error.h"
#include "runtime/base/yaml/node.h"

namespace msctl::workspace {

using Lookup = std::function<std::optional<std::string>(const std::string&)>;

// KEY=value lines as shells and other tools write them: comments, blank lines, `export`, 'single' and
// "double" quotes.
std::map<std::string, std::string> parse_dotenv(std::string_view text);

// The process's environment first, then .env in `root` (which need not be there).
Lookup with_dotenv(const std::string& root, Lookup environment);

// Replaces variables in every value (never in keys). Error: undefinedVariable, with the place of the value.
void interpolate(yaml::Node& node, const Lookup& lookup, base::Errors& errors);

}  // namespace msctl::workspace
