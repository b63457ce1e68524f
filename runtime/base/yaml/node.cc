#include "runtime/base/yaml/node.h"

#include <algorithm>

namespace msctl::yaml {

std::string_view Source::line(int number) const {
  std::string_view rest = text;
  for (int at = 1; at < number; ++at) {
    std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries)
    if (entry.key.scalar == key) return &entry.value;
  return nullptr;
}

Node* Node::find(std::string_view key) {
  for (Entry& entry : entries)
    if (entry.key.scalar == key) return &entry.value;
  return nullptr;
}

base::Location Node::location() const {
  base::Location at;
  at.line = line;
  at.column = column;
  if (is_scalar())
    at.length = static_cast<int>(std::clamp<std::size_t>(scalar.size() + (quoted ? 2 : 0), 1, 60));
  if (source) {
    at.file = source->name;
    at.text = std::string(source->line(line));
    at.length = std::min(at.length, std::max(1, static_cast<int>(at.text.size()) - column + 1));
  }
  return at;
}

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return "a value";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
  }
  return "nothing";
}

void merge(Node& under, const Node& over) {
  if (!under.is_map() || !over.is_map()) {
    under = over;
    return;
  }
  for (const Node::Entry& entry : over.entries) {
    if (Node* existing = under.find(entry.key.scalar))
      merge(*existing, entry.value);
    else
      under.entries.push_back(entry);
  }
}

}  // namespace msctl::yaml
