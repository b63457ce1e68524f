#include "runtime/base/yaml/write.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

namespace msctl::yaml {
namespace {

using Json = nlohmann::ordered_json;

// Comments are carried through JSON under keys that begin with a character which YAML forbids in a file
// (YAML 1.2.2 §5.1). Whatever stands there is written behind a '#', line by line, so that no text breaks out
// of it.
constexpr char kComment = '\x01';
constexpr std::string_view kCommented = "\x01value";

bool is_note(std::string_view key) {
  return !key.empty() && key.front() == kComment;
}

bool has_comment(const Json& value) {
  return value.is_object() && value.contains(kCommented);
}

// Words that YAML 1.1 takes for booleans or nulls, in lower case.
constexpr std::array<std::string_view, 11> kWords{"y",  "yes", "n",    "no", "true", "false",
                                                  "on", "off", "null", "~",  ""};

bool is_reserved_word(std::string_view text) {
  constexpr std::size_t longest = 5;
  if (text.size() > longest) return false;
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(kWords, lower) != kWords.end();
}

// Whatever could be read as a number, a sexagesimal number, a date or a float in either version: anything
// that begins like a number and is made of the characters of such.
bool looks_like_number(std::string_view text) {
  std::string_view body = text;
  if (body.starts_with('+') || body.starts_with('-')) body.remove_prefix(1);
  if (body == ".inf" || body == ".Inf" || body == ".INF" || text == ".nan" || text == ".NaN" ||
      text == ".NAN")
    return true;
  if (body.empty()) return false;
  bool starts = std::isdigit(static_cast<unsigned char>(body[0])) ||
                (body[0] == '.' && body.size() > 1 && std::isdigit(static_cast<unsigned char>(body[1])));
  return starts && body.find_first_not_of("0123456789abcdefABCDEFxXoO_.:+-TZ ") == std::string_view::npos;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

// Whether a plain scalar would be read back as the same string (YAML 1.2.2 §7.3.3, and 1.1's implicit types).
bool plain_is_safe(std::string_view text, bool flow) {
  if (is_reserved_word(text) || looks_like_number(text) || has_control(text)) return false;
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (std::string_view("!&*{}[],#|>@`\"'%").find(text.front()) != std::string_view::npos) return false;
  if (std::string_view("-?:=<").find(text.front()) != std::string_view::npos &&
      (text.size() == 1 || text[1] == ' ' || text[0] == '=' || text[0] == '<'))
    return false;
  if (text.starts_with("---") || text.starts_with("...")) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return false;
  return !flow || text.find_first_of("{}[],:?") == std::string_view::npos;
}

std::string quote(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_block_text(const std::string& text) {
  return text.find('\n') != std::string::npos && text.front() != ' ' && text.front() != '\n' &&
         std::ranges::none_of(text, [](unsigned char c) { return (c < 0x20 && c != '\n') || c == 0x7f; });
}

void write_value(std::string& out, const Json& value, int depth);

void write_block_text(std::string& out, const std::string& text, int depth) {
  std::string_view chomp = !text.ends_with('\n') ? "-" : text.ends_with("\n\n") ? "+" : "";
  out += fmt::format(" |{}\n", chomp);
  std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) out += indent;
    out.append(text, at, end - at);
    out += '\n';
    at = end + 1;
  }
}

void write_note(std::string& out, const std::string& text, int depth) {
  if (text.empty()) out += '\n';
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += std::string(static_cast<std::size_t>(depth) * 2, ' ') + "# " + text.substr(at, end - at) + '\n';
    at = end + 1;
  }
}

void write_map(std::string& out, const Json& map, int depth, bool in_list) {
  bool first = true;
  for (const auto& [key, value] : map.items()) {
    if (is_note(key)) {
      write_note(out, value.get_ref<const std::string&>(), depth);
      continue;
    }
    if (!(first && in_list)) out.append(static_cast<std::size_t>(depth) * 2, ' ');
    first = false;
    out.append(scalar(key)) += ':';
    write_value(out, value, depth);
  }
}

void write_list(std::string& out, const Json& list, int depth) {
  for (const Json& item : list) {
    out.append(static_cast<std::size_t>(depth) * 2, ' ') += '-';
    if (item.is_object() && !item.empty() && !has_comment(item)) {
      out += ' ';
      write_map(out, item, depth + 1, true);
    } else {
      write_value(out, item, depth);
    }
  }
}

std::string one_line(const Json& value) {
  if (value.is_string()) return scalar(value.get_ref<const std::string&>());
  if (!has_comment(value)) return value.dump();
  std::string comment = value.begin().value().get<std::string>();
  std::ranges::replace(comment, '\n', ' ');
  return scalar(value.at(std::string(kCommented)).get_ref<const std::string&>()) + "  # " + comment;
}

// What stands behind "key:" or "-", up to and with the line break.
void write_value(std::string& out, const Json& value, int depth) {
  if (value.is_object() && !value.empty() && !has_comment(value)) {
    out += '\n';
    write_map(out, value, depth + 1, false);
  } else if (value.is_array() && !value.empty()) {
    out += '\n';
    write_list(out, value, depth + 1);
  } else if (value.is_string() && is_block_text(value.get_ref<const std::string&>())) {
    write_block_text(out, value.get_ref<const std::string&>(), depth + 1);
  } else {
    (out += ' ').append(one_line(value)) += '\n';
  }
}

}  // namespace

std::string scalar(std::string_view text, bool flow) {
  if (text.empty()) return "\"\"";
  return plain_is_safe(text, flow) ? std::string(text) : quote(text);
}

std::string write(const nlohmann::ordered_json& value) {
  std::string out;
  if (value.is_object() && !value.empty())
    write_map(out, value, 0, false);
  else if (value.is_array() && !value.empty())
    write_list(out, value, 0);
  else
    out = one_line(value) + "\n";
  return out;
}

nlohmann::ordered_json with_comment(std::string_view value, std::string_view comment) {
  return Json{{std::string(1, kComment), comment}, {kCommented, value}};
}

void add_note(nlohmann::ordered_json& map, std::string_view text) {
  map[fmt::format("{}{}", kComment, map.size())] = text;
}

void append(nlohmann::ordered_json& map, std::string_view key, nlohmann::ordered_json value) {
  map.get_ref<Json::object_t&>().emplace_back(std::string(key), std::move(value));
}

}  // namespace msctl::yaml
