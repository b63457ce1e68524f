#include "runtime/contract/json_schema.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/catch.h"

namespace msctl::contract {
namespace {

bool fits(const char* schema, const char* value) {
  Json document = Json::parse(schema);
  return validate(document, Json::parse(value), document, {.described = false}).empty();
}

TEST_CASE("types") {
  CHECK(fits(R"({"type":"integer"})", "1.0"));
  CHECK_FALSE(fits(R"({"type":"integer"})", "1.5"));
  CHECK_FALSE(fits(R"({"type":"integer"})", "\"1\""));
  CHECK(fits(R"({"type":["string","null"]})", "null"));
  CHECK_FALSE(fits("false", "1"));
}

TEST_CASE("numbers and texts") {
  CHECK(fits(R"({"multipleOf":0.1})", "0.3"));
  CHECK_FALSE(fits(R"({"multipleOf":0.1})", "0.35"));
  CHECK_FALSE(fits(R"({"exclusiveMinimum":1})", "1"));
  CHECK(fits(R"({"maxLength":2})", R"("äö")"));
  CHECK_FALSE(fits(R"({"pattern":"^a+$"})", R"("ab")"));
  CHECK_FALSE(fits(R"({"format":"uuid"})", R"("7")"));
  CHECK_FALSE(fits(R"({"format":"date-time"})", R"("2026-02-30T10:00:00Z")"));
  CHECK(fits(R"({"format":"date-time"})", R"("2024-02-29T10:00:00.5+01:00")"));
  CHECK(fits(R"({"minLength":3,"format":"uuid"})", "7"));
}

TEST_CASE("lists") {
  CHECK_FALSE(fits(R"({"items":{"type":"string"}})", R"(["a",1])"));
  CHECK(fits(R"({"prefixItems":[{"type":"string"}],"items":false})", R"(["a"])"));
  CHECK_FALSE(fits(R"({"prefixItems":[{"type":"string"}],"items":false})", R"(["a",1])"));
  CHECK_FALSE(fits(R"({"uniqueItems":true})", R"([{"a":1},{"a":1}])"));
  CHECK_FALSE(fits(R"({"contains":{"const":1},"minContains":2})", "[1,2]"));
  CHECK_FALSE(fits(R"({"prefixItems":[true],"unevaluatedItems":false})", "[1,2]"));
}

TEST_CASE("objects and combinations") {
  CHECK_FALSE(fits(R"({"required":["a"]})", "{}"));
  CHECK_FALSE(
      fits(R"({"additionalProperties":false,"properties":{"a":true},"patternProperties":{"^x":true}})",
           R"({"a":1,"x1":1,"b":1})"));
  CHECK_FALSE(fits(R"({"oneOf":[{"type":"integer"},{"minimum":2}]})", "3"));
  CHECK(fits(R"({"if":{"properties":{"a":{"const":1}}},"then":{"required":["b"]},"else":{"required":["c"]}})",
             R"({"a":2,"c":0})"));
  CHECK_FALSE(fits(R"({"dependentRequired":{"a":["b"]}})", R"({"a":1})"));
  CHECK(fits(
      R"({"allOf":[{"properties":{"a":true}}],"anyOf":[{"properties":{"b":true}}],"unevaluatedProperties":false})",
      R"({"a":1,"b":1})"));
  CHECK_FALSE(fits(R"({"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false})", R"({"c":1})"));
  CHECK_FALSE(fits(R"({"not":{"type":"object"}})", "{}"));
}

TEST_CASE("references, also in a circle") {
  const char* tree =
      R"({"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}}}}})";
  CHECK(fits(tree, R"({"next":{"next":{}}})"));
  CHECK_FALSE(fits(tree, R"({"next":{"next":1}})"));
  CHECK_FALSE(
      fits(R"({"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}})", "1"));
  CHECK_FALSE(fits(R"({"$ref":"#/nowhere"})", "1"));
  CHECK_FALSE(fits(R"({"$ref":"#/allOf/0","allOf":[{"allOf":[{"$ref":"#/allOf/0"}]}]})", "1"));
}

TEST_CASE("references keep what is beside them, at each step") {
  const char* chain =
      R"({"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b","minLength":3},"b":{"type":"string"}}})";
  CHECK(fits(chain, R"("abc")"));
  CHECK_FALSE(fits(chain, R"("ab")"));
}

TEST_CASE("references are fragments of a URI") {
  CHECK_FALSE(fits(R"({"$ref":"#/$defs/a%25b","$defs":{"a%b":{"type":"integer"}}})", R"("a")"));
  CHECK(fits(R"({"$ref":"#/$defs/a%22b","$defs":{"a\"b":{"type":"integer"}}})", "1"));
}

TEST_CASE("unevaluated members are those beside and below, not those of another branch") {
  const char* cousins = R"({"allOf":[{"properties":{"a":true}},{"unevaluatedProperties":false}]})";
  CHECK_FALSE(fits(cousins, R"({"a":1})"));
  CHECK_FALSE(fits(R"({"allOf":[{"prefixItems":[true]},{"unevaluatedItems":false}]})", "[1]"));
  CHECK(fits(R"({"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false})", R"({"a":1})"));
}

TEST_CASE("a schema that branches without end is told, soon") {
  CHECK_FALSE(fits(R"({"allOf":[{"$ref":"#"},{"$ref":"#"}]})", "1"));
  CHECK_FALSE(fits(R"({"anyOf":[{"$ref":"#"},{"$ref":"#"}]})", "1"));
}

TEST_CASE("a schema that is too deep from one side is asked again from another") {
  Json deep{{"type", "integer"}};
  for (int i = 0; i < 300; ++i) deep = Json{{"allOf", Json::array({std::move(deep)})}};
  for (int from = 245; from < 265; ++from) {
    std::string reference = "#/anyOf/0";
    for (int i = 0; i < from; ++i) reference += "/allOf/0";
    Json document{{"anyOf", Json::array({deep, Json{{"$ref", reference}}})}};
    INFO(from);
    CHECK(validate(document, 1, document, {.described = false}).empty());
  }
}

// What validate() says of itself that it does not cover: schemas that are known by URIs, and dynamic
// references. Formats are held to here; for the suite they are remarks.
bool is_covered(const Json& schema) {
  if (schema.is_array()) return std::ranges::all_of(schema, is_covered);
  if (!schema.is_object()) return true;
  for (const auto& [name, value] : schema.items()) {
    if (name == "$id" || name == "$anchor" || name.starts_with("$dynamic")) return false;
    if (name == "$ref" && value.is_string() && !value.get<std::string>().starts_with('#')) return false;
    if (!is_covered(value)) return false;
  }
  return true;
}

// The standard's own suite (its folder tests/draft2020-12), where it has been unpacked.
TEST_CASE("the official suite agrees", "[.suite]") {
  const char* folder = std::getenv("JSON_SCHEMA_SUITE");
  REQUIRE(folder != nullptr);
  int asked = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".json" || file.path().stem() == "format") continue;
    Json groups = Json::parse(std::ifstream(file.path()));
    for (const Json& group : groups) {
      if (!is_covered(group["schema"])) continue;
      for (const Json& test : group["tests"]) {
        INFO(file.path().filename().string() << ": " << group["description"] << ": " << test["description"]);
        bool ok = validate(group["schema"], test["data"], group["schema"], {.described = false}).empty();
        CHECK(ok == test["valid"].get<bool>());
        ++asked;
      }
    }
  }
  CHECK(asked > 900);
}

}  // namespace
}  // namespace msctl::contract
