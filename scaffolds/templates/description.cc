#include "scaffolds/templates/description.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/base/yaml/node.h"
#include "runtime/workspace/schema.h"
#include "scaffolds/rename.h"
#include "scaffolds/templates/values.h"

namespace msctl::scaffolds::templates {
namespace {

using base::Code;
using yaml::Node;

constexpr std::array type_names = std::to_array<std::string_view>({"text", "integer", "boolean", "choice"});

std::string text_of(const Node& map, std::string_view key) {
  const Node* value = map.find(key);
  return value != nullptr ? value->scalar : std::string{};
}

std::optional<std::int64_t> number_of(const Node& map, std::string_view key) {
  const Node* value = map.find(key);
  if (value == nullptr) return std::nullopt;
  std::int64_t out = 0;
  std::from_chars(value->scalar.data(), value->scalar.data() + value->scalar.size(), out);
  return out;
}

Variable variable_of(const std::string& name, const Node& node) {
  Variable out;
  out.name = name;
  if (const Node* type = node.find("type"))
    out.type = static_cast<Variable::Type>(std::ranges::find(type_names, type->scalar) - type_names.begin());
  out.sentinel = text_of(node, "sentinel");
  out.description = text_of(node, "description");
  if (const Node* value = node.find("default")) out.fallback = value->scalar;
  out.pattern = text_of(node, "pattern");
  out.minimum = number_of(node, "minimum");
  out.maximum = number_of(node, "maximum");
  if (const Node* choices = node.find("choices"))
    for (const Node& choice : choices->items) out.choices.push_back(choice.scalar);
  return out;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// What the schema cannot say.
class Judge {
public:
  Judge(const Description& description, base::Errors& errors) : errors_(errors) {
    taken_ = spellings(forms_of(description.name));
  }

  void check(const Variable& variable, const Node& key, const Node& node) {
    if (!is_name(variable.name))
      report(key, Code::badName, fmt::format("'{}' is not a valid name of a variable", variable.name),
             "a letter, then letters, digits, '_' and '-'");
    check_sentinel(variable, *node.find("sentinel"));
    check_key(variable, node, "pattern", Variable::Type::text);
    check_key(variable, node, "minimum", Variable::Type::integer);
    check_key(variable, node, "maximum", Variable::Type::integer);
    check_key(variable, node, "choices", Variable::Type::choice);
    if (variable.type == Variable::Type::choice && variable.choices.empty())
      report(key, Code::missingKey, fmt::format("the variable '{}' has no choices", variable.name),
             "choices: [eu-west, us-east]");
    if (variable.minimum && variable.maximum && *variable.minimum > *variable.maximum)
      report(*node.find("minimum"), Code::wrongValue, "'minimum' is more than 'maximum'", {});
    if (!variable.pattern.empty())
      if (const RE2 pattern(variable.pattern, RE2::Quiet); !pattern.ok())
        return report(*node.find("pattern"), Code::wrongValue,
                      fmt::format("'pattern' is no regular expression: {}", pattern.error()), "RE2's syntax");
    if (variable.fallback)
      if (auto fits = check_value(variable, *variable.fallback); !fits)
        report(*node.find("default"), Code::wrongValue,
               fmt::format("'default' is not a value of this variable: {}", fits.error().message),
               fits.error().expected);
  }

private:
  void report(const Node& node, Code code, std::string message, std::string expected) {
    errors_.push_back({code, std::move(message), node.location(), std::move(expected), {}, {}});
  }

  static bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= 63 && is_word(name[0]) && name[0] != '_' &&
           !(name[0] >= '0' && name[0] <= '9') &&
           std::ranges::all_of(name, [](char c) { return is_word(c) || c == '-'; });
  }

  void check_sentinel(const Variable& variable, const Node& node) {
    const std::string& word = variable.sentinel;
    const bool sound = word.size() >= 3 && word.size() <= 63 && is_word(word.front()) &&
                       is_word(word.back()) &&
                       std::ranges::all_of(word, [](char c) { return is_word(c) || c == '-' || c == '.'; });
    if (!sound)
      report(
          node, Code::wrongValue, fmt::format("'{}' cannot be a sentinel", word),
          "3 to 63 of letters, digits, '_', '-' and '.', beginning and ending with one of the first three");
    else if (std::ranges::find(taken_, word) != taken_.end())
      report(node, Code::wrongValue, fmt::format("'{}' is the sentinel of something else, too", word),
             "a word that nothing else in the template has");
    taken_.push_back(word);
  }

  void check_key(const Variable& variable, const Node& node, std::string_view key, Variable::Type type) {
    if (variable.type == type) return;
    if (const Node* value = node.find(key))
      report(*value, Code::wrongValue,
             fmt::format("'{}' has no meaning for a {}", key, type_name(variable.type)),
             fmt::format("'{}' only with type: {}", key, type_name(type)));
  }

  base::Errors& errors_;
  std::vector<std::string> taken_;
};

}  // namespace

std::string_view type_name(Variable::Type type) {
  return type_names[static_cast<std::size_t>(type)];
}

std::expected<Description, base::Errors> parse_description(std::string file, std::string text,
                                                           const std::vector<std::string>& languages) {
  yaml::Document document = yaml::parse(std::move(file), std::move(text));
  base::Errors errors = std::move(document.errors);
  if (errors.empty()) schema::validate(document.root, *workspace::template_schema(languages), errors);
  Description out;
  if (errors.empty()) {
    const Node& root = document.root;
    out = {text_of(root, "title"),
           text_of(root, "description"),
           text_of(root, "language"),
           text_of(root, "name"),
           {}};
    Judge judge(out, errors);
    if (const Node* variables = root.find("variables"))
      for (const auto& [key, node] : variables->entries) {
        out.variables.push_back(variable_of(key.scalar, node));
        judge.check(out.variables.back(), key, node);
      }
  }
  if (errors.empty()) return out;
  base::sort_errors(errors);
  return std::unexpected(std::move(errors));
}

}  // namespace msctl::scaffolds::templates
