#include "scaffolds/templates/values.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "runtime/base/names.h"
#include "scaffolds/templates/inspect.h"

namespace msctl::scaffolds::templates {
namespace {

using base::Code;

constexpr std::size_t longest_value = 1000;

bool is_integer_within(const Variable& variable, std::string_view value) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc{} && end == value.data() + value.size() &&
         number >= variable.minimum.value_or(std::numeric_limits<std::int64_t>::min()) &&
         number <= variable.maximum.value_or(std::numeric_limits<std::int64_t>::max());
}

bool fits(const Variable& variable, std::string_view value) {
  switch (variable.type) {
    case Variable::Type::integer:
      return is_integer_within(variable, value);
    case Variable::Type::boolean:
      return value == "true" || value == "false";
    case Variable::Type::choice:
      return std::ranges::find(variable.choices, value) != variable.choices.end();
    case Variable::Type::text:
      break;
  }
  // One line: what has line breaks would break the syntax of most files around it.
  if (value.size() > longest_value || shown(value) != value) return false;
  return variable.pattern.empty() || RE2::FullMatch(value, RE2(variable.pattern, RE2::Quiet));
}

}  // namespace

std::string expectation(const Variable& variable) {
  switch (variable.type) {
    case Variable::Type::integer:
      if (variable.minimum && variable.maximum)
        return fmt::format("a whole number from {} to {}", *variable.minimum, *variable.maximum);
      if (variable.minimum) return fmt::format("a whole number, at least {}", *variable.minimum);
      if (variable.maximum) return fmt::format("a whole number, at most {}", *variable.maximum);
      return "a whole number";
    case Variable::Type::boolean:
      return "true or false";
    case Variable::Type::choice:
      return base::either(variable.choices);
    case Variable::Type::text:
      break;
  }
  return variable.pattern.empty() ? "text on one line, of at most 1000 bytes"
                                  : fmt::format("text that matches {}", variable.pattern);
}

base::Result<void> check_value(const Variable& variable, std::string_view value) {
  if (fits(variable, value)) return {};
  auto error = base::fail(
      Code::templateVariable, fmt::format("'{}' is not a value of '{}'", shown(value), variable.name),
      variable.type == Variable::Type::choice ? base::did_you_mean(value, variable.choices) : "");
  error.error().expected = expectation(variable);
  return error;
}

std::expected<Values, base::Errors> given_values(const Description& description,
                                                 const std::vector<std::string>& settings) {
  std::vector<std::string> known;
  Values out;
  base::Errors errors;
  for (const Variable& variable : description.variables) known.push_back(variable.name);
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) {
      errors.push_back(
          {Code::usage, fmt::format("--set {}: no value", setting), {}, "--set NAME=VALUE", {}, {}});
      continue;
    }
    const std::string name = setting.substr(0, equals);
    auto variable = std::ranges::find(description.variables, name, &Variable::name);
    if (variable == description.variables.end()) {
      errors.push_back({Code::unknownName,
                        fmt::format("the template has no variable '{}'", name),
                        {},
                        base::either(known),
                        base::did_you_mean(name, known),
                        {}});
      continue;
    }
    const std::string value = setting.substr(equals + 1);
    if (auto valid = check_value(*variable, value); !valid) errors.push_back(std::move(valid.error()));
    out[name] = value;  // the last one counts
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  for (const Variable& variable : description.variables)
    if (variable.fallback) out.try_emplace(variable.name, *variable.fallback);
  return out;
}

std::vector<const Variable*> missing(const Description& description, const Values& values) {
  std::vector<const Variable*> out;
  for (const Variable& variable : description.variables)
    if (!values.contains(variable.name)) out.push_back(&variable);
  return out;
}

base::Error missing_values(const std::vector<const Variable*>& variables) {
  std::string names;
  std::string settings;
  base::Error error;
  for (const Variable* variable : variables) {
    names += (names.empty() ? "" : ", ") + variable->name;
    settings += fmt::format("{}--set {}=…", settings.empty() ? "" : " ", variable->name);
    error.notes.push_back(
        fmt::format("{}: {} ({})", variable->name, variable->description, expectation(*variable)));
  }
  error.code = Code::templateVariable;
  error.message = fmt::format("no value for {}", names);
  error.suggestion = settings;
  return error;
}

}  // namespace msctl::scaffolds::templates
