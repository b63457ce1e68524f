// JSON Schema 2020-12, as OpenAPI 3.1 uses it: whether a value is as a schema says, and whether the schema
// says anything of each of its members. Covered: the validation, applicator and unevaluated vocabularies,
// references within the document, and the formats uuid, date, date-time, email, ipv4 and uri. Not covered:
// $dynamicRef, references to other documents, contentSchema.
//
// Beyond the standard: a member of an object that no keyword describes is reported, too, where the schema
// describes members at all. The standard takes "properties" as open; a contract names what is answered.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace msctl::contract {

using Json = nlohmann::json;

struct Mismatch {
  std::string pointer;  // to the place in the value, RFC 6901; empty: the whole
  std::string message;  // "is 'x', and not an integer"
};

struct SchemaOptions {
  bool described = true;  // report members that the schema does not describe
};

// `document`: where "#/…" references lead. At most some dozen mismatches.
std::vector<Mismatch> validate(const Json& schema, const Json& value, const Json& document,
                               const SchemaOptions& options = {});

// A reference of the form "#/…", followed as often as one leads to the next; null where it leads nowhere.
const Json* resolve(const Json& node, const Json& document);

}  // namespace msctl::contract
