// One description of a file format, from which come validation, JSON Schema 2020-12 (`msctl schema`) and the
// reference page.
//
// A format is a tree of Types. Values are told apart by their YAML kind alone (a scalar, a list, a map), so
// that an alternative (`oneOf`) never has to be guessed and its errors are those of the one variant that was
// meant.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/yaml/node.h"

namespace msctl::schema {

enum class Kind {
  text,        // any scalar
  integer,     // whole number within [minimum, maximum]
  boolean,     // true or false, nothing else
  duration,    // 10s
  size,        // 64KiB
  percentage,  // 70%
  cpu,         // 250m
  memory,      // 128Mi
  label,       // RFC 1123 label
  choice,      // one of `values`
  list,        // of `element`
  map,         // from any key to `element`
  object,      // the keys in `fields`
  one_of       // one of `variants`, told apart by YAML kind
};

struct Type;
using TypePtr = std::shared_ptr<const Type>;

struct Field {
  std::string name;
  TypePtr type;
  std::string doc;  // one sentence for the reference page and editors
  bool required = false;
  std::string default_text{};  // as it would be written; empty: none
};

struct Type {
  Kind kind = Kind::text;
  std::vector<std::string> values;
  std::int64_t minimum = 0, maximum = 0;
  TypePtr element;
  std::vector<Field> fields;
  std::vector<TypePtr> variants;
  std::string example;
};

TypePtr text(std::string example = {});
TypePtr scalar(Kind kind, std::string example = {});
TypePtr integer(std::int64_t minimum, std::int64_t maximum);
TypePtr choice(std::vector<std::string> values);
TypePtr list(TypePtr element);
TypePtr map(TypePtr element);
TypePtr object(std::vector<Field> fields);
TypePtr one_of(std::vector<TypePtr> variants);

// What a value of this type looks like, in a few words: "a duration, like 10s".
std::string describe(const Type& type);

// Every way in which `node` does not fit `type`, appended.
void validate(const yaml::Node& node, const Type& type, base::Errors& errors);

// JSON Schema 2020-12, without the `$schema` and `$id` of a root.
nlohmann::ordered_json to_json_schema(const Type& type);

// A Markdown table of all keys, dotted: | Key | Value | Default | Meaning |.
std::string to_markdown(const Type& type);

}  // namespace msctl::schema
