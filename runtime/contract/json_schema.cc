#include "runtime/contract/json_schema.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "runtime/contract/format.h"
#include "runtime/contract/percent.h"

namespace msctl::contract {
namespace {

constexpr std::size_t mismatch_limit = 24;
constexpr std::size_t depth_limit = 256;
constexpr int step_limit = 1'000'000;
constexpr int reference_limit = 32;

// What keywords have looked at, of one object or list.
struct Seen {
  std::set<std::string> members;
  std::size_t items = 0;  // the first ones
  std::set<std::size_t> other_items;
  bool describes = false;  // some keyword describes members
  void add(const Seen& other) {
    members.insert(other.members.begin(), other.members.end());
    items = std::max(items, other.items);
    other_items.insert(other.other_items.begin(), other.other_items.end());
    describes = describes || other.describes;
  }
};

std::string escape(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

std::string brief(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "…";
  return text;
}

bool is_integer(const Json& value) {
  return value.is_number_integer() || (value.is_number_float() && std::isfinite(value.get<double>()) &&
                                       std::trunc(value.get<double>()) == value.get<double>());
}

bool is_type(const Json& value, const std::string& type) {
  if (type == "null") return value.is_null();
  if (type == "boolean") return value.is_boolean();
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "number") return value.is_number();
  if (type == "string") return value.is_string();
  if (type == "integer") return is_integer(value);
  return false;
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](unsigned char byte) { return (byte & 0xc0u) != 0x80u; }));
}

// 0.3 is a multiple of 0.1, whatever binary fractions say.
bool is_multiple(const Json& value, const Json& of) {
  double divisor = of.get<double>();
  if (divisor <= 0) return true;
  double quotient = value.get<double>() / divisor;
  if (!std::isfinite(quotient)) return false;
  return std::abs(quotient - std::round(quotient)) <=
         std::abs(quotient) * 4 * std::numeric_limits<double>::epsilon();
}

// ECMA 262's patterns as far as RE2 has them, which is without look-around and back references. One that it
// does not know decides nothing.
bool fits_pattern(const std::string& text, const std::string& pattern) {
  RE2::Options quiet;
  quiet.set_log_errors(false);
  RE2 expression(pattern, quiet);
  return !expression.ok() || RE2::PartialMatch(text, expression);
}

// One reference, which is a URI's fragment; null where it leads nowhere.
const Json* follow(const Json& reference, const Json& document) {
  if (!reference.is_string()) return nullptr;
  const std::string& text = reference.get_ref<const std::string&>();
  if (!text.starts_with('#')) return nullptr;
  try {
    Json::json_pointer pointer(percent_decoded(std::string_view(text).substr(1)));
    return document.contains(pointer) ? &document.at(pointer) : nullptr;
  } catch (const Json::exception&) {
    return nullptr;
  }
}

class Validator {
public:
  Validator(const Json& document, const SchemaOptions& options) : document_(document), options_(options) {}

  // One place of the value: what the schema says of it, and whether it says something of each member.
  bool check(const Json& schema, const Json& value, const std::string& at) {
    Seen seen;
    std::size_t before = mismatches.size();
    bool ok = evaluate(schema, value, at, seen);
    if (options_.described && value.is_object() && seen.describes && mismatches.size() == before)
      for (const auto& [name, member] : value.items())
        if (!seen.members.contains(name)) ok = report(at + "/" + escape(name), "is not described");
    return ok;
  }

  std::vector<Mismatch> mismatches;

private:
  bool report(const std::string& at, std::string message) {
    if (mismatches.size() < mismatch_limit) mismatches.push_back({at, std::move(message)});
    return false;
  }

  bool evaluate(const Json& schema, const Json& value, const std::string& at, Seen& seen) {
    if (schema.is_boolean()) return schema.get<bool>() || report(at, "must not be there");
    if (!schema.is_object()) return true;
    if (++steps_ > step_limit) return report(at, "is described by a schema with too many branches");
    if (under_way_.size() >= depth_limit || !under_way_.emplace(&schema, &value).second)
      return report(at, "is described by a schema that never ends");
    Seen own;  // unevaluatedItems and unevaluatedProperties look at what is beside and below them, not above
    bool ok = all_keywords(schema, value, at, own);
    seen.add(own);
    under_way_.erase({&schema, &value});
    return ok;
  }

  bool all_keywords(const Json& schema, const Json& value, const std::string& at, Seen& seen) {
    bool ok = true;
    if (schema.contains("$ref")) {
      const Json* target = follow(schema["$ref"], document_);
      ok = target == nullptr
               ? report(at, fmt::format("is described by {}, which is not there", brief(schema["$ref"])))
               : evaluate(*target, value, at, seen);
    }
    ok = general(schema, value, at) && ok;
    if (value.is_number()) ok = number(schema, value, at) && ok;
    if (value.is_string()) ok = text(schema, value.get_ref<const std::string&>(), at) && ok;
    ok = combined(schema, value, at, seen) && ok;
    if (value.is_array()) ok = list(schema, value, at, seen) && ok;
    if (value.is_object()) ok = object(schema, value, at, seen) && ok;
    return ok;
  }

  bool general(const Json& schema, const Json& value, const std::string& at) {
    if (auto type = schema.find("type"); type != schema.end()) {
      bool of_type = type->is_array() ? std::ranges::any_of(*type,
                                                            [&](const Json& each) {
                                                              return each.is_string() &&
                                                                     is_type(value, each.get<std::string>());
                                                            })
                                      : !type->is_string() || is_type(value, type->get<std::string>());
      if (!of_type) return report(at, fmt::format("is {}, and not of type {}", brief(value), brief(*type)));
    }
    if (auto one = schema.find("enum"); one != schema.end() && one->is_array())
      if (std::ranges::find(*one, value) == one->end())
        return report(at, fmt::format("is {}, and none of {}", brief(value), brief(*one)));
    if (auto constant = schema.find("const"); constant != schema.end() && *constant != value)
      return report(at, fmt::format("is {}, and not {}", brief(value), brief(*constant)));
    return true;
  }

  bool number(const Json& schema, const Json& value, const std::string& at) {
    auto limit = [&](const char* keyword, auto holds, const char* what) {
      auto bound = schema.find(keyword);
      if (bound == schema.end() || !bound->is_number() || holds(value, *bound)) return true;
      return report(at, fmt::format("is {}, {} {}", brief(value), what, brief(*bound)));
    };
    bool ok = limit("minimum", [](const Json& a, const Json& b) { return a >= b; }, "less than");
    ok = limit("maximum", [](const Json& a, const Json& b) { return a <= b; }, "more than") && ok;
    ok = limit("exclusiveMinimum", [](const Json& a, const Json& b) { return a > b; }, "not above") && ok;
    ok = limit("exclusiveMaximum", [](const Json& a, const Json& b) { return a < b; }, "not below") && ok;
    return limit("multipleOf", is_multiple, "no multiple of") && ok;
  }

  bool text(const Json& schema, const std::string& value, const std::string& at) {
    bool ok = count(schema, "minLength", "maxLength", characters(value), "characters", at);
    if (auto pattern = schema.find("pattern"); pattern != schema.end() && pattern->is_string())
      if (!fits_pattern(value, pattern->get<std::string>()))
        ok = report(at, fmt::format("is {}, which does not fit {}", brief(value), brief(*pattern)));
    if (auto format = schema.find("format"); format != schema.end() && format->is_string())
      if (!has_format(value, format->get<std::string>()))
        ok = report(at, fmt::format("is {}, and not in the format {}", brief(value), brief(*format)));
    return ok;
  }

  bool count(const Json& schema, const char* least, const char* most, std::size_t have, const char* what,
             const std::string& at) {
    auto low = schema.find(least), high = schema.find(most);
    if (low != schema.end() && low->is_number() && static_cast<double>(have) < low->get<double>())
      return report(at, fmt::format("has {} {}, fewer than {}", have, what, brief(*low)));
    if (high != schema.end() && high->is_number() && static_cast<double>(have) > high->get<double>())
      return report(at, fmt::format("has {} {}, more than {}", have, what, brief(*high)));
    return true;
  }

  // Evaluates without keeping what it finds to say.
  bool fits(const Json& schema, const Json& value, const std::string& at, Seen& seen) {
    std::vector<Mismatch> kept = std::move(mismatches);
    mismatches.clear();
    Seen inner;
    bool ok = evaluate(schema, value, at, inner) && mismatches.empty();
    mismatches = std::move(kept);
    if (ok) seen.add(inner);
    return ok;
  }

  bool combined(const Json& schema, const Json& value, const std::string& at, Seen& seen) {
    bool ok = true;
    if (auto all = schema.find("allOf"); all != schema.end() && all->is_array())
      for (const Json& each : *all) ok = evaluate(each, value, at, seen) && ok;
    if (auto any = schema.find("anyOf"); any != schema.end() && any->is_array()) {
      std::size_t fitting = 0;
      for (const Json& each : *any) fitting += fits(each, value, at, seen) ? 1 : 0;
      if (fitting == 0) ok = report(at, fmt::format("is {}, which fits none of anyOf", brief(value)));
    }
    if (auto one = schema.find("oneOf"); one != schema.end() && one->is_array()) {
      std::size_t fitting = 0;
      for (const Json& each : *one) fitting += fits(each, value, at, seen) ? 1 : 0;
      if (fitting != 1)
        ok = report(at, fmt::format("is {}, which fits {} of oneOf", brief(value),
                                    fitting == 0 ? "none" : fmt::format("{}", fitting)));
    }
    if (auto no = schema.find("not"); no != schema.end()) {
      Seen ignored;
      if (fits(*no, value, at, ignored))
        ok = report(at, fmt::format("is {}, which 'not' excludes", brief(value)));
    }
    if (auto condition = schema.find("if"); condition != schema.end()) {
      auto then = schema.find(fits(*condition, value, at, seen) ? "then" : "else");
      if (then != schema.end()) ok = evaluate(*then, value, at, seen) && ok;
    }
    return ok;
  }

  bool list(const Json& schema, const Json& value, const std::string& at, Seen& seen) {
    bool ok = count(schema, "minItems", "maxItems", value.size(), "items", at);
    std::size_t next = 0;
    auto place = [&](std::size_t i) { return fmt::format("{}/{}", at, i); };
    if (auto first = schema.find("prefixItems"); first != schema.end() && first->is_array())
      for (; next < std::min(first->size(), value.size()); ++next)
        ok = check((*first)[next], value[next], place(next)) && ok;
    if (auto rest = schema.find("items"); rest != schema.end())
      for (; next < value.size(); ++next) ok = check(*rest, value[next], place(next)) && ok;
    seen.items = std::max(seen.items, next);
    if (auto unique = schema.find("uniqueItems"); unique != schema.end() && *unique == true)
      for (std::size_t i = 0; i < value.size() && ok; ++i)
        for (std::size_t k = 0; k < i; ++k)
          if (value[i] == value[k]) {
            ok = report(place(i), fmt::format("is the same as item {}", k));
            break;
          }
    if (auto contained = schema.find("contains"); contained != schema.end()) {
      std::size_t fitting = 0;
      for (std::size_t i = 0; i < value.size(); ++i) {
        Seen ignored;
        if (!fits(*contained, value[i], place(i), ignored)) continue;
        ++fitting;
        seen.other_items.insert(i);
      }
      double least = schema.value("minContains", 1.0);
      double most = schema.value("maxContains", std::numeric_limits<double>::max());
      if (static_cast<double>(fitting) < least || static_cast<double>(fitting) > most)
        ok = report(at, fmt::format("has {} items that fit 'contains'", fitting));
    }
    if (auto rest = schema.find("unevaluatedItems"); rest != schema.end()) {
      for (std::size_t i = seen.items; i < value.size(); ++i)
        if (!seen.other_items.contains(i)) ok = check(*rest, value[i], place(i)) && ok;
      seen.items = value.size();
    }
    return ok;
  }

  bool object(const Json& schema, const Json& value, const std::string& at, Seen& seen) {
    bool ok = count(schema, "minProperties", "maxProperties", value.size(), "members", at);
    auto place = [&](const std::string& name) { return at + "/" + escape(name); };
    auto need = [&](const Json& names) {
      for (const Json& name : names)
        if (name.is_string() && !value.contains(name.get<std::string>()))
          ok = report(place(name.get<std::string>()), "is missing");
    };
    if (auto required = schema.find("required"); required != schema.end() && required->is_array())
      need(*required);
    if (auto dependent = schema.find("dependentRequired"); dependent != schema.end())
      for (const auto& [name, names] : dependent->items())
        if (value.contains(name)) need(names);
    if (auto dependent = schema.find("dependentSchemas"); dependent != schema.end())
      for (const auto& [name, each] : dependent->items())
        if (value.contains(name)) ok = evaluate(each, value, at, seen) && ok;

    auto properties = schema.find("properties");
    auto patterns = schema.find("patternProperties");
    auto others = schema.find("additionalProperties");
    auto names = schema.find("propertyNames");
    seen.describes = seen.describes || properties != schema.end() || patterns != schema.end() ||
                     (others != schema.end() && others->is_boolean());
    for (const auto& [name, member] : value.items()) {
      bool described = false;
      auto describe = [&](const Json& by) {
        described = true;
        ok = check(by, member, place(name)) && ok;
      };
      if (names != schema.end()) ok = check(*names, Json(name), place(name)) && ok;
      if (properties != schema.end() && properties->contains(name)) describe((*properties)[name]);
      if (patterns != schema.end())
        for (const auto& [pattern, by] : patterns->items())
          if (fits_pattern(name, pattern)) describe(by);
      if (!described && others != schema.end()) describe(*others);
      if (described) seen.members.insert(name);
    }
    if (auto rest = schema.find("unevaluatedProperties"); rest != schema.end())
      for (const auto& [name, member] : value.items())
        if (seen.members.insert(name).second) ok = check(*rest, member, place(name)) && ok;
    return ok;
  }

  const Json& document_;
  const SchemaOptions& options_;
  // A schema that is asked of the same value again, while it is, would be for ever.
  std::set<std::pair<const Json*, const Json*>> under_way_;
  int steps_ = 0;
};

}  // namespace

std::vector<Mismatch> validate(const Json& schema, const Json& value, const Json& document,
                               const SchemaOptions& options) {
  Validator validator(document, options);
  validator.check(schema, value, "");
  return std::move(validator.mismatches);
}

const Json* resolve(const Json& node, const Json& document) {
  const Json* at = &node;
  for (int steps = 0; at != nullptr && at->is_object() && at->contains("$ref"); ++steps)
    at = steps > reference_limit ? nullptr : follow((*at)["$ref"], document);
  return at;
}

}  // namespace msctl::contract
