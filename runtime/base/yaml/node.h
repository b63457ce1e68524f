// YAML as a tree that remembers where everything stood.
//
// libyaml's events feed it: with marks for keys as for values, and both of two equal keys. Anchors and
// aliases are expanded, bounded in number (a billion laughs is an error, not an outage). Columns count
// characters.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::yaml {

// A file's name as errors shall show it, and its text.
struct Source {
  std::string name;
  std::string text;

  // The line with this number (from 1), without its line break.
  std::string_view line(int number) const;
};

struct Node {
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  std::string scalar;
  bool quoted = false;  // 'x', "x", | or >: never a number or a boolean
  std::vector<Node> items;
  std::vector<Entry> entries;
  std::shared_ptr<const Source> source;
  int line = 0;    // from 1
  int column = 0;  // from 1

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }

  // The value of a key of a map, or nullptr.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);

  base::Location location() const;
};

struct Node::Entry {
  Node key;
  Node value;
};

// "a map", "a list", "a value", "nothing": for messages.
std::string_view kind_name(Node::Kind kind);

struct Document {
  Node root;
  base::Errors errors;  // at most one error of syntax, or any number of duplicate keys
};

Document parse(std::shared_ptr<const Source> source);
Document parse(std::string name, std::string text);

// `over` merged into `under`: maps key by key, anything else is replaced whole (a list, too).
void merge(Node& under, const Node& over);

}  // namespace msctl::yaml
