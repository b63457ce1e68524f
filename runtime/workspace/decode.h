// From validated YAML to the model. What the schema cannot say of one file is judged here too, since its
// marks are at hand.
#pragma once

#include <string>

#include "runtime/base/error.h"
#include "runtime/base/yaml/node.h"
#include "runtime/workspace/types.h"

namespace msctl::workspace {

// A service.yaml that fits its schema.
Service decode_service(const yaml::Node& root, const std::string& environment, base::Errors& errors);

// What stands under `pipelines`.
Pipelines decode_pipelines(const yaml::Node& pipelines, base::Errors& errors);
std::map<std::string, std::string> decode_image_bases(const yaml::Node& pipelines);
Cache decode_cache(const yaml::Node& pipelines, base::Errors& errors);

std::vector<Environment> decode_environments(const yaml::Node& root, base::Errors& errors);

}  // namespace msctl::workspace
