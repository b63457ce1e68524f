// Judging a node by a type. Everything wrong is reported, not only the first: a person corrects a file once.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "runtime/base/names.h"
#include "runtime/base/schema/schema.h"
#include "runtime/base/units.h"

namespace msctl::schema {
namespace {

using base::Code;
using yaml::Node;

class Validator {
public:
  explicit Validator(base::Errors& errors) : errors_(errors) {}

  void check(const Node& node, const Type& type, const std::string& path) {
    switch (type.kind) {
      case Kind::list:
        return check_list(node, type, path);
      case Kind::map:
        return check_map(node, type, path);
      case Kind::object:
        return check_object(node, type, path);
      case Kind::one_of:
        return check_one_of(node, type, path);
      default:
        return check_scalar(node, type, path);
    }
  }

private:
  void report(const Node& node, Code code, std::string message, std::string expected,
              std::string suggestion = {}) {
    errors_.push_back(
        {code, std::move(message), node.location(), std::move(expected), std::move(suggestion), {}});
  }

  void wrong_kind(const Node& node, const std::string& path, std::string expected) {
    report(node, Code::wrongType, fmt::format("{} is {}", subject(path), yaml::kind_name(node.kind)),
           std::move(expected),
           node.is_map() && !node.quoted && path.ends_with("path")
               ? "in flow style, braces in values need quotes: {path: \"/a/{id}\"}"
               : "");
  }

  static std::string subject(const std::string& path) {
    return path.empty() ? "the file" : fmt::format("'{}'", path);
  }
  static std::string join(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
  }

  void check_list(const Node& node, const Type& type, const std::string& path) {
    if (!node.is_list()) return wrong_kind(node, path, "a list, like [a, b]");
    for (const Node& item : node.items) check(item, *type.element, path);
  }

  void check_map(const Node& node, const Type& type, const std::string& path) {
    if (node.is_null()) return;
    if (!node.is_map()) return wrong_kind(node, path, "a map, like {key: value}");
    for (const Node::Entry& entry : node.entries)
      check(entry.value, *type.element, join(path, entry.key.scalar));
  }

  void check_object(const Node& node, const Type& type, const std::string& path) {
    if (!node.is_map()) {
      if (node.is_null() && std::ranges::none_of(type.fields, &Field::required)) return;
      return wrong_kind(node, path, fmt::format("a map with the keys {}", base::either(names(type))));
    }
    for (const Node::Entry& entry : node.entries) {
      auto field = std::ranges::find(type.fields, entry.key.scalar, &Field::name);
      if (field == type.fields.end())
        report(entry.key, Code::unknownKey, fmt::format("unknown key '{}'", entry.key.scalar),
               base::either(names(type)), base::did_you_mean(entry.key.scalar, names(type)));
      else if (entry.value.is_null())
        report(entry.key, Code::wrongType, fmt::format("'{}' has no value", join(path, entry.key.scalar)),
               describe(*field->type));
      else
        check(entry.value, *field->type, join(path, entry.key.scalar));
    }
    for (const Field& field : type.fields)
      if (field.required && node.find(field.name) == nullptr)
        report(node, Code::missingKey, fmt::format("{} lacks the key '{}'", subject(path), field.name),
               fmt::format("{}: {}", field.name, describe(*field.type)));
  }

  void check_one_of(const Node& node, const Type& type, const std::string& path) {
    for (const TypePtr& variant : type.variants)
      if (yaml_kind(*variant) == node.kind) return check(node, *variant, path);
    wrong_kind(node, path, describe(type));
  }

  void check_scalar(const Node& node, const Type& type, const std::string& path) {
    if (!node.is_scalar()) return wrong_kind(node, path, describe(type));
    switch (type.kind) {
      case Kind::integer:
        return check_integer(node, type, path);
      case Kind::boolean:
        if (node.quoted || (node.scalar != "true" && node.scalar != "false"))
          report(node, Code::wrongType, fmt::format("'{}' is neither true nor false", node.scalar),
                 "true or false",
                 node.scalar == "yes" || node.scalar == "on"   ? "did you mean 'true'?"
                 : node.scalar == "no" || node.scalar == "off" ? "did you mean 'false'?"
                                                               : "");
        return;
      case Kind::duration:
        return check_unit(node, base::parse_duration(node.scalar));
      case Kind::size:
        return check_unit(node, base::parse_size(node.scalar));
      case Kind::percentage:
        return check_unit(node, base::parse_percentage(node.scalar));
      case Kind::cpu:
        return check_unit(node, base::parse_cpu(node.scalar));
      case Kind::memory:
        return check_unit(node, base::parse_memory(node.scalar));
      case Kind::label:
        if (!base::is_label(node.scalar))
          report(node, Code::badName, fmt::format("'{}' is not a valid name", node.scalar),
                 "1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or a digit",
                 as_label(node.scalar));
        return;
      case Kind::choice:
        if (std::ranges::find(type.values, node.scalar) == type.values.end())
          report(node, Code::wrongValue,
                 fmt::format("'{}' is not allowed for {}", node.scalar, subject(path)),
                 base::either(type.values), base::did_you_mean(node.scalar, type.values));
        return;
      default:
        return;
    }
  }

  void check_integer(const Node& node, const Type& type, const std::string& path) {
    std::int64_t value = 0;
    auto [end, error] = std::from_chars(node.scalar.data(), node.scalar.data() + node.scalar.size(), value);
    bool whole = error == std::errc{} && end == node.scalar.data() + node.scalar.size() && !node.quoted;
    if (!whole)
      report(node, Code::wrongType, fmt::format("'{}' is not a whole number", node.scalar), describe(type));
    else if (value < type.minimum || value > type.maximum)
      report(node, Code::wrongValue, fmt::format("{} is {}", subject(path), value), describe(type));
  }

  template <class T>
  void check_unit(const Node& node, const base::Result<T>& result) {
    if (result) return;
    base::Error error = result.error();
    error.at = node.location();
    errors_.push_back(std::move(error));
  }

  // "Order_Service" → did you mean 'order-service'?
  static std::string as_label(const std::string& text) {
    std::string out;
    for (char c : text) {
      char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      bool allowed = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
      if (allowed || !out.empty()) out += allowed ? lower : '-';
    }
    while (!out.empty() && out.back() == '-') out.pop_back();
    return base::is_label(out) ? fmt::format("did you mean '{}'?", out) : std::string{};
  }

  static std::vector<std::string> names(const Type& type) {
    std::vector<std::string> out;
    for (const Field& field : type.fields) out.push_back(field.name);
    return out;
  }

  static Node::Kind yaml_kind(const Type& type) {
    switch (type.kind) {
      case Kind::list:
        return Node::Kind::list;
      case Kind::map:
      case Kind::object:
        return Node::Kind::map;
      default:
        return Node::Kind::scalar;
    }
  }

  base::Errors& errors_;
};

}  // namespace

std::string describe(const Type& type) {
  switch (type.kind) {
    case Kind::text:
      return type.example.empty() ? "text" : fmt::format("text, like {}", type.example);
    case Kind::integer:
      return fmt::format("a whole number from {} to {}", type.minimum, type.maximum);
    case Kind::boolean:
      return "true or false";
    case Kind::duration:
      return "a duration, like 10s";
    case Kind::size:
      return "a size, like 64KiB";
    case Kind::percentage:
      return "a percentage, like 70%";
    case Kind::cpu:
      return "a quantity of processor, like 250m";
    case Kind::memory:
      return "a quantity of memory, like 128Mi";
    case Kind::label:
      return "a name of a-z, 0-9 and '-'";
    case Kind::choice:
      return base::either(type.values);
    case Kind::list:
      return fmt::format("a list of {}", describe(*type.element));
    case Kind::map:
      return fmt::format("a map to {}", describe(*type.element));
    case Kind::object:
      return "a map";
    case Kind::one_of: {
      std::vector<std::string> parts;
      for (const TypePtr& variant : type.variants) parts.push_back(describe(*variant));
      return base::either(parts);
    }
  }
  return {};
}

void validate(const yaml::Node& node, const Type& type, base::Errors& errors) {
  Validator(errors).check(node, type, {});
}

}  // namespace msctl::schema
