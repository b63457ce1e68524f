#include "runtime/workspace/variables.h"

#include <fmt/format.h>

#include <memory>

#include "runtime/base/file.h"

namespace msctl::workspace {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

// "a\nb" with escapes, 'as it is', or bare up to a comment.
std::string dotenv_value(std::string_view text) {
  if (text.size() >= 2 && text.front() == '\'' && text.find('\'', 1) != std::string_view::npos)
    return std::string(text.substr(1, text.find('\'', 1) - 1));
  if (text.starts_with('"')) {
    std::string out;
    for (std::size_t i = 1; i < text.size() && text[i] != '"'; ++i) {
      if (text[i] == '\\' && i + 1 < text.size()) {
        ++i;
        out += text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i];
      } else {
        out += text[i];
      }
    }
    return out;
  }
  return std::string(trim(text.substr(0, text.find(" #"))));
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The text with its variables replaced; `missing` is set to the name of one without a value.
std::string replace(std::string_view text, const Lookup& lookup, std::string& missing) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with("$${")) {
      out += "${";
      text.remove_prefix(3);
      continue;
    }
    std::size_t end = text.starts_with("${") ? text.find('}') : std::string_view::npos;
    std::string_view inside = end == std::string_view::npos ? std::string_view{} : text.substr(2, end - 2);
    std::size_t name_end = 0;
    while (name_end < inside.size() && is_name_character(inside[name_end])) ++name_end;
    std::string_view rest = inside.substr(name_end);
    if (name_end == 0 || (!rest.empty() && !rest.starts_with(":-"))) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    std::string name(inside.substr(0, name_end));
    std::optional<std::string> value = lookup(name);
    // As in a shell, ":-" also replaces an empty value.
    if (!rest.empty() && (!value || value->empty())) value = std::string(rest.substr(2));
    if (!value) missing = name;
    out += value.value_or("");
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

std::map<std::string, std::string> parse_dotenv(std::string_view text) {
  std::map<std::string, std::string> out;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    std::string_view line = trim(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (line.starts_with("export ")) line = trim(line.substr(7));
    std::size_t equals = line.find('=');
    if (line.empty() || line.front() == '#' || equals == std::string_view::npos || equals == 0) continue;
    out[std::string(trim(line.substr(0, equals)))] = dotenv_value(trim(line.substr(equals + 1)));
  }
  return out;
}

Lookup with_dotenv(const std::string& root, Lookup environment) {
  auto file = std::make_shared<std::map<std::string, std::string>>();
  if (auto text = base::read_file(root + "/.env")) *file = parse_dotenv(*text);
  return [file, environment = std::move(environment)](const std::string& name) -> std::optional<std::string> {
    if (environment)
      if (auto value = environment(name)) return value;
    auto found = file->find(name);
    return found == file->end() ? std::nullopt : std::optional(found->second);
  };
}

void interpolate(yaml::Node& node, const Lookup& lookup, base::Errors& errors) {
  for (yaml::Node& item : node.items) interpolate(item, lookup, errors);
  for (yaml::Node::Entry& entry : node.entries) interpolate(entry.value, lookup, errors);
  if (!node.is_scalar() || node.scalar.find("${") == std::string::npos) return;
  std::string missing;
  std::string value = replace(node.scalar, lookup, missing);
  if (!missing.empty())
    errors.push_back({base::Code::undefinedVariable,
                      fmt::format("the variable '{}' has no value", missing),
                      node.location(),
                      "a variable of the environment or of .env",
                      fmt::format("give it a value, or a default: ${{{}:-value}}", missing),
                      {}});
  node.scalar = std::move(value);
}

}  // namespace msctl::workspace
