// Events of yaml-cpp's parser → Node. The builder keeps a stack of open lists and maps; a map waits for a
// key, then for its value. Errors of syntax arrive as exceptions from the library, and end here.
#include <fmt/format.h>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <sstream>

#include "runtime/base/yaml/node.h"

namespace msctl::yaml {
namespace {

constexpr std::size_t kMostNodes = 1'000'000;  // with aliases expanded
constexpr std::size_t kDeepest = 100;          // deeper than any real file, far from the end of the stack

struct TooLarge {};
struct TooDeep {
  YAML::Mark mark;
};

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) count += count_nodes(item);
  for (const Node::Entry& entry : node.entries) count += 1 + count_nodes(entry.value);
  return count;
}

class Builder final : public YAML::EventHandler {
public:
  Builder(std::shared_ptr<const Source> source, Document& document)
      : source_(std::move(source)), document_(document) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(make(mark, Node::Kind::null), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node = anchors_[anchor];
    count(count_nodes(node));
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    add(std::move(node), 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // "!" is the tag that the parser gives to quoted and block scalars. A plain null is a null.
    bool plain = tag == "?" || tag.empty();
    if (plain && (value.empty() || value == "~" || value == "null" || value == "Null" || value == "NULL"))
      return add(make(mark, Node::Kind::null), anchor);
    Node node = make(mark, Node::Kind::scalar);
    node.scalar = value;
    node.quoted = !plain;
    add(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::list, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::map, anchor);
  }
  void OnMapEnd() override { close(); }

private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    Node key;
    std::map<std::string, int> seen;  // key → line
  };

  Node make(const YAML::Mark& mark, Node::Kind kind) {
    count(1);
    Node node;
    node.kind = kind;
    node.source = source_;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void count(std::size_t more) {
    nodes_ += more;
    if (nodes_ > kMostNodes) throw TooLarge{};
  }

  void open(const YAML::Mark& mark, Node::Kind kind, YAML::anchor_t anchor) {
    if (stack_.size() >= kDeepest) throw TooDeep{mark};
    stack_.push_back({make(mark, kind), anchor, false, {}, {}});
  }

  void close() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    add(std::move(done.node), done.anchor);
  }

  void add(Node node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    if (stack_.empty()) {
      document_.root = std::move(node);
      return;
    }
    Open& top = stack_.back();
    if (top.node.is_list())
      top.node.items.push_back(std::move(node));
    else if (!top.has_key)
      add_key(top, std::move(node));
    else {
      top.has_key = false;
      if (top.key.is_scalar()) top.node.entries.push_back({std::move(top.key), std::move(node)});
    }
  }

  void add_key(Open& map, Node key) {
    map.has_key = true;
    if (!key.is_scalar()) {
      error(base::Code::wrongType, fmt::format("a key is {}", kind_name(key.kind)), key.location(),
            "a word as key", "in flow style, braces in values need quotes: {path: \"/a/{id}\"}");
    } else if (auto [first, inserted] = map.seen.emplace(key.scalar, key.line); !inserted) {
      error(base::Code::duplicateKey, fmt::format("duplicate key '{}'", key.scalar), key.location(),
            "each key once in a map", fmt::format("it stands in line {} already", first->second));
    }
    map.key = std::move(key);
  }

  void error(base::Code code, std::string message, base::Location at, std::string expected,
             std::string suggestion) {
    document_.errors.push_back(
        {code, std::move(message), std::move(at), std::move(expected), std::move(suggestion), {}});
  }

  std::shared_ptr<const Source> source_;
  Document& document_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t nodes_ = 0;
};

base::Error syntax_error(const std::shared_ptr<const Source>& source, const YAML::Mark& mark,
                         std::string message) {
  Node place;
  place.source = source;
  place.line = mark.line < 0 ? 1 : mark.line + 1;
  place.column = mark.column < 0 ? 1 : mark.column + 1;
  base::Error error{base::Code::yamlSyntax, std::move(message), place.location(), "a YAML document", {}, {}};
  std::string_view line = source->line(place.line);
  if (line.find("{") != std::string_view::npos && line.find("{") != line.rfind("{"))
    error.suggestion = "in flow style, braces in values need quotes: {path: \"/a/{id}\"}";
  else if (line.find('\t') != std::string_view::npos)
    error.suggestion = "YAML is indented by spaces, never by tabs";
  return error;
}

}  // namespace

Document parse(std::shared_ptr<const Source> source) {
  Document document;
  document.root.source = source;
  document.root.line = document.root.column = 1;
  Builder builder(source, document);
  std::istringstream stream(source->text);
  try {
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) {
      Document second;
      Builder rest(source, second);
      if (parser.HandleNextDocument(rest) && !second.root.is_null())
        document.errors.push_back({base::Code::yamlSyntax,
                                   "a second document begins here",
                                   second.root.location(),
                                   "one document a file",
                                   {},
                                   {}});
    }
  } catch (const YAML::Exception& exception) {
    document.errors = {syntax_error(source, exception.mark, "YAML syntax: " + exception.msg)};
    document.root = Node{};
  } catch (const TooLarge&) {
    document.errors = {
        syntax_error(source, {}, "the file has more than a million nodes once its aliases are expanded")};
    document.root = Node{};
  } catch (const TooDeep& deep) {
    document.errors = {
        syntax_error(source, deep.mark, fmt::format("nested deeper than {} levels", kDeepest))};
    document.root = Node{};
  }
  return document;
}

Document parse(std::string name, std::string text) {
  return parse(std::make_shared<const Source>(Source{std::move(name), std::move(text)}));
}

}  // namespace msctl::yaml
