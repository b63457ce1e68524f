// TOML by toml++. Version 3.3 holds some wrong input ("[@") to be impossible, and compiled without assertions
// lets the compiler assume so. Here its preconditions are not assumed, so that its own checks behind them
// report the error; and its assertions are exceptions.
#undef NDEBUG
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ASSERT(expr) ((expr) ? void() : throw msctl_toml::Impossible{})
namespace msctl_toml {
struct Impossible {};
}  // namespace msctl_toml
#include <toml++/impl/preprocessor.h>
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT_ASSUME(expr) static_assert(true)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wterminate"  // two of them stand in functions that promise not to throw
#include <toml++/toml.h>
#pragma GCC diagnostic pop

#include <fmt/format.h>

#include <sstream>

#include "scaffolds/adopt/formats.h"

namespace msctl::scaffolds::adopt {
namespace {

yaml::Node make(const std::shared_ptr<const yaml::Source>& source, yaml::Node::Kind kind,
                const toml::source_region& region) {
  yaml::Node node;
  node.kind = kind;
  node.source = source;
  node.line = static_cast<int>(region.begin.line);
  node.column = static_cast<int>(region.begin.column);
  return node;
}

// toml++ refuses what is nested deeper than a bound of its own.
yaml::Node convert(const std::shared_ptr<const yaml::Source>& source, const toml::node& from) {
  if (const toml::table* table = from.as_table()) {
    yaml::Node out = make(source, yaml::Node::Kind::map, from.source());
    for (const auto& [name, value] : *table) {
      yaml::Node key = make(source, yaml::Node::Kind::scalar, name.source());
      key.scalar = std::string(name.str());
      out.entries.push_back({std::move(key), convert(source, value)});
    }
    return out;
  }
  if (const toml::array* array = from.as_array()) {
    yaml::Node out = make(source, yaml::Node::Kind::list, from.source());
    for (const toml::node& item : *array) out.items.push_back(convert(source, item));
    return out;
  }
  yaml::Node out = make(source, yaml::Node::Kind::scalar, from.source());
  if (const auto* text = from.as_string()) {
    out.scalar = text->get();
    out.quoted = true;
  } else if (const auto* number = from.as_integer()) {
    out.scalar = std::to_string(number->get());
  } else if (const auto* boolean = from.as_boolean()) {
    out.scalar = boolean->get() ? "true" : "false";
  } else if (const auto* real = from.as_floating_point()) {
    out.scalar = fmt::format("{}", real->get());
  }
  return out;  // a date is empty text: no rule asks for one
}

}  // namespace

base::Result<yaml::Node> parse_toml(const std::string& name, const std::string& text) try {
  auto source = std::make_shared<const yaml::Source>(yaml::Source{name, text});
  const toml::parse_result parsed = toml::parse(std::string_view(source->text));
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return std::unexpected(unreadable(source, static_cast<int>(error.source().begin.line),
                                      static_cast<int>(error.source().begin.column),
                                      fmt::format("TOML syntax: {}", error.description())));
  }
  return convert(source, parsed.table());
} catch (const msctl_toml::Impossible&) {
  return unreadable_at(std::make_shared<const yaml::Source>(yaml::Source{name, text}), 0,
                       "not a TOML document");
}

}  // namespace msctl::scaffolds::adopt
