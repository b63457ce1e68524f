#include "runtime/contract/document.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/base/file.h"
#include "runtime/base/yaml/node.h"

namespace msctl::contract {
namespace {

constexpr std::array<std::string_view, 8> methods{"get",     "put",  "post",  "delete",
                                                  "options", "head", "patch", "trace"};

// A plain scalar by YAML 1.2's core schema.
Json scalar(const yaml::Node& node) {
  const std::string& text = node.scalar;
  if (node.quoted) return text;
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  static const RE2 integer(R"([-+]?[0-9]+)"), real(R"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)");
  const char* begin = text.data() + (text.front() == '+' ? 1 : 0);
  if (RE2::FullMatch(text, integer)) {
    std::int64_t number = 0;
    if (std::from_chars(begin, text.data() + text.size(), number).ec == std::errc{}) return number;
  }
  if (RE2::FullMatch(text, real)) {
    double number = 0;
    if (std::from_chars(begin, text.data() + text.size(), number).ec == std::errc{}) return number;
  }
  return text;
}

Json to_json(const yaml::Node& node) {
  switch (node.kind) {
    case yaml::Node::Kind::null:
      return nullptr;
    case yaml::Node::Kind::scalar:
      return scalar(node);
    case yaml::Node::Kind::list: {
      Json out = Json::array();
      for (const yaml::Node& item : node.items) out.push_back(to_json(item));
      return out;
    }
    case yaml::Node::Kind::map: {
      Json out = Json::object();
      for (const auto& entry : node.entries) out[entry.key.scalar] = to_json(entry.value);
      return out;
    }
  }
  return nullptr;
}

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    path.remove_prefix(1);
    std::size_t end = std::min(path.find('/'), path.size());
    out.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return out;
}

// "{id}", "report-{day}.csv": each expression stands for one character or more, never for a slash.
bool fits(std::string_view segment, std::string_view pattern) {
  std::size_t open = pattern.find('{');
  if (open == std::string_view::npos) return segment == pattern;
  std::size_t close = pattern.find('}', open);
  if (close == std::string_view::npos) return segment == pattern;
  std::string_view before = pattern.substr(0, open), behind = pattern.substr(close + 1);
  if (!segment.starts_with(before)) return false;
  segment.remove_prefix(before.size());
  for (std::size_t size = 1; size <= segment.size(); ++size)
    if (fits(segment.substr(size), behind)) return true;
  return false;
}

// The number of segments without an expression, or nothing where the path does not fit. OpenAPI 3.1, "Paths
// Object": concrete paths come before templated ones.
std::optional<std::size_t> concreteness(std::string_view path, std::string_view pattern) {
  auto have = segments(path), wanted = segments(pattern);
  if (have.size() != wanted.size()) return std::nullopt;
  std::size_t concrete = 0;
  for (std::size_t i = 0; i < have.size(); ++i) {
    if (!fits(have[i], wanted[i])) return std::nullopt;
    concrete += wanted[i].find('{') == std::string_view::npos ? 1 : 0;
  }
  return concrete;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

}  // namespace

base::Result<Document> Document::read(const std::string& path, const std::string& shown) {
  auto text = base::read_file(path);
  if (!text) {
    base::Error error = text.error();
    error.at.file = shown;
    return std::unexpected(std::move(error));
  }
  return parse(shown, *std::move(text));
}

base::Result<Document> Document::parse(const std::string& shown, std::string text) {
  yaml::Document tree = yaml::parse(shown, std::move(text));
  if (!tree.errors.empty()) return std::unexpected(tree.errors.front());
  Json json = to_json(tree.root);
  if (!json.is_object() || !json.contains("openapi") || !json["openapi"].is_string() ||
      !json["openapi"].get<std::string>().starts_with("3.") || !json.contains("paths") ||
      !json["paths"].is_object()) {
    base::Error error;
    error.code = base::Code::wrongValue;
    error.message = "this is no OpenAPI document";
    error.expected = "openapi: 3.1.0, and paths";
    error.at.file = shown;
    error.at.line = error.at.column = 1;
    return std::unexpected(std::move(error));
  }
  return Document(std::move(json));
}

std::vector<Operation> Document::operations() const {
  std::vector<Operation> out;
  for (const auto& [path, stated] : json_["paths"].items()) {
    const Json* item = resolve(stated);
    if (item == nullptr || !item->is_object()) continue;
    for (std::string_view method : methods)
      if (auto found = item->find(method); found != item->end() && found->is_object())
        out.push_back({upper(method), path, item, &*found});
  }
  return out;
}

Document::Found Document::find(std::string_view method, std::string_view path) const {
  Found out;
  std::size_t best = 0;
  for (const auto& [pattern, stated] : json_["paths"].items())
    if (auto concrete = concreteness(path, pattern); concrete && (out.path.empty() || *concrete > best)) {
      out.path = pattern;
      best = *concrete;
    }
  auto has = [&](std::string_view wanted) {
    for (const Operation& each : operations())
      if (each.path == out.path && each.method == wanted) out.operation = each;
    return out.operation.has_value();
  };
  if (!out.path.empty() && !has(method) && method == "HEAD") has("GET");
  return out;
}

}  // namespace msctl::contract
