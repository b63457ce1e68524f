// From YAML to configuration. Each function takes a node that fits its schema: validate first, decode only
// without errors.
#pragma once

#include <expected>
#include <string>

#include "gateway/config/types.h"
#include "runtime/base/error.h"
#include "runtime/base/yaml/node.h"

namespace msctl::gateway::config {

// What stands under `gateway:`, or a whole gateway file. `folder`: against which relative paths resolve.
// Reads the files of API keys.
Config decode(const yaml::Node& node, const std::string& folder, base::Errors& errors);

// A route's own keys; the caller sets name and upstream where they default to a service's.
Route decode_route(const yaml::Node& node);

// Keys of a file, every error in `errors`.
std::vector<ApiKey> load_keys(const std::string& path, const std::string& shown, base::Errors& errors);

// A file for `msctl gateway run`, validated, decoded and checked as a whole.
std::expected<Config, base::Errors> load_file(const std::string& path);
std::expected<Config, base::Errors> load_text(const std::string& text, const std::string& shown,
                                              const std::string& folder);

}  // namespace msctl::gateway::config
