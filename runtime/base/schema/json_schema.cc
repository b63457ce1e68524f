// JSON Schema 2020-12 from a Type. The patterns say the same as runtime/base/units: editors complete and mark
// while typing.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/base/schema/schema.h"

namespace msctl::schema {
namespace {

using Json = nlohmann::ordered_json;

// Scalars of YAML that need no quotes may be numbers for a JSON reader ("0", "512", "2"), so both kinds are
// allowed there.
Json text_or_number(std::string_view pattern) {
  return {{"type", Json::array({"string", "number"})}, {"pattern", pattern}};
}

Json object_schema(const Type& type) {
  Json out{{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
  Json required = Json::array();
  for (const Field& field : type.fields) {
    Json property = to_json_schema(*field.type);
    property["description"] = field.doc;
    if (!field.default_text.empty())
      property["description"] = fmt::format("{} Default: {}.", field.doc, field.default_text);
    out["properties"][field.name] = std::move(property);
    if (field.required) required.push_back(field.name);
  }
  if (!required.empty()) out["required"] = std::move(required);
  return out;
}

}  // namespace

nlohmann::ordered_json to_json_schema(const Type& type) {
  switch (type.kind) {
    case Kind::text:
      return {{"type", Json::array({"string", "number", "boolean"})}};
    case Kind::integer:
      return {{"type", "integer"}, {"minimum", type.minimum}, {"maximum", type.maximum}};
    case Kind::boolean:
      return {{"type", "boolean"}};
    case Kind::duration:
      return text_or_number(
          "^(0|([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|h|d)(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|ms|s|m|"
          "h|d))*)$");
    case Kind::size:
      return text_or_number("^[0-9]+(\\.[0-9]*)?(B|KiB|MiB|GiB|TiB|kB|MB|GB|TB)?$");
    case Kind::percentage:
      return {{"type", "string"}, {"pattern", "^[0-9]+(\\.[0-9]*)?%$"}};
    case Kind::cpu:
      return text_or_number("^[0-9]*(\\.[0-9]*)?m?$");
    case Kind::memory:
      return text_or_number("^[0-9]+(\\.[0-9]*)?([kMGTP]|[KMGTP]i|m|[eE][0-9]+)?$");
    case Kind::label:
      return {{"type", "string"}, {"pattern", "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"}};
    case Kind::choice:
      return {{"enum", type.values}};
    case Kind::list:
      return {{"type", "array"}, {"items", to_json_schema(*type.element)}};
    case Kind::map:
      return {{"type", "object"}, {"additionalProperties", to_json_schema(*type.element)}};
    case Kind::object:
      return object_schema(type);
    case Kind::one_of: {
      Json variants = Json::array();
      for (const TypePtr& variant : type.variants) variants.push_back(to_json_schema(*variant));
      return {{"oneOf", std::move(variants)}};
    }
  }
  return Json::object();
}

}  // namespace msctl::schema
