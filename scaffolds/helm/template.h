// Objects as templates of Helm. Expressions are put in as marks, since they are no YAML, and become
// expressions in the text. What looks like an expression in the workspace's own values is made literal.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace msctl::scaffolds::helm {

using Json = nlohmann::ordered_json;

class Template {
public:
  // A value that is `expression` in the end: Json that stands for it until `write`.
  Json value(std::string expression);
  // A whole map or list: `expression` gives YAML, which is indented by `columns`.
  Json block(const std::string& expression, int columns);
  // Only where `condition` holds.
  void add(Json object, std::string condition = {});

  // All objects, one document each.
  std::string write() const;

private:
  struct Object {
    Json content;
    std::string condition;
  };
  std::vector<Object> objects_;
  std::vector<std::string> expressions_;
};

}  // namespace msctl::scaffolds::helm
