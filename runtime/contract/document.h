// An OpenAPI 3.1 document as JSON, and its operations.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/contract/json_schema.h"

namespace msctl::contract {

struct Operation {
  std::string method;          // "GET"
  std::string path;            // "/items/{id}"
  const Json* item = nullptr;  // the path item: has parameters for all its operations
  const Json* operation = nullptr;
};

class Document {
public:
  // YAML or JSON. Errors: unreadableFile, yamlSyntax, wrongValue (no OpenAPI 3 document).
  static base::Result<Document> read(const std::string& path, const std::string& shown);
  // `text`: for tests. The same errors.
  static base::Result<Document> parse(const std::string& shown, std::string text);

  const Json& json() const { return json_; }

  // All of it, in the order of paths.
  std::vector<Operation> operations() const;

  // Whether any path template fits; then, whether it has the method. HEAD is what GET is, without a body.
  struct Found {
    std::string path;  // the template; empty: none fits
    std::optional<Operation> operation;
  };
  Found find(std::string_view method, std::string_view path) const;

  const Json* resolve(const Json& node) const { return contract::resolve(node, json_); }

private:
  explicit Document(Json json) : json_(std::move(json)) {}
  Json json_;
};

}  // namespace msctl::contract
