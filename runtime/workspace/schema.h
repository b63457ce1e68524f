// The formats of msctl.yaml, service.yaml and template.yaml.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

#include "runtime/base/schema/schema.h"

namespace msctl::workspace {

schema::TypePtr workspace_schema();

// `languages`: the values allowed for `language`, beside "none".
schema::TypePtr service_schema(const std::vector<std::string>& languages);

// `languages`: as above.
schema::TypePtr template_schema(const std::vector<std::string>& languages);

// JSON Schema 2020-12 documents, by the name of the file that they describe: "msctl", "service", "gateway",
// "keys", "template".
std::vector<std::string> schema_names();
nlohmann::ordered_json json_schema(const std::string& name, const std::vector<std::string>& languages);

// The same as a reference page in Markdown: every key of every file.
std::string reference(const std::vector<std::string>& languages);

}  // namespace msctl::workspace
