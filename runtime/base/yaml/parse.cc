// Events of libyaml's parser → Node. The builder keeps a stack of open lists and maps; a map waits for a key,
// then for its value.
#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <map>
#include <optional>

#include "runtime/base/yaml/node.h"

namespace msctl::yaml {
namespace {

constexpr std::size_t kMostNodes = 1'000'000;  // with aliases expanded
constexpr std::size_t kDeepest = 100;          // deeper than any real file, far from the end of the stack

int counted(std::size_t from_zero) {
  return static_cast<int>(std::min<std::size_t>(from_zero, 1'000'000'000)) + 1;
}

base::Error syntax_error(const std::shared_ptr<const Source>& source, const yaml_mark_t& mark,
                         std::string message) {
  Node place;
  place.source = source;
  place.line = counted(mark.line);
  place.column = counted(mark.column);
  base::Error error{base::Code::yamlSyntax, std::move(message), place.location(), "a YAML document", {}, {}};
  std::string_view line = source->line(place.line);
  if (line.find("{") != std::string_view::npos && line.find("{") != line.rfind("{"))
    error.suggestion = "in flow style, braces in values need quotes: {path: \"/a/{id}\"}";
  else if (line.find('\t') != std::string_view::npos)
    error.suggestion = "YAML is indented by spaces, never by tabs";
  return error;
}

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) count += count_nodes(item);
  for (const Node::Entry& entry : node.entries) count += 1 + count_nodes(entry.value);
  return count;
}

std::string text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text));
}

// One document. What ends it early is in failed().
class Builder {
public:
  Builder(std::shared_ptr<const Source> source, Document& document)
      : source_(std::move(source)), document_(document) {}

  void take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_SCALAR_EVENT:
        return add(scalar(event), text_of(event.data.scalar.anchor));
      case YAML_ALIAS_EVENT:
        return alias(event);
      case YAML_SEQUENCE_START_EVENT:
        return open(event.start_mark, Node::Kind::list, text_of(event.data.sequence_start.anchor));
      case YAML_MAPPING_START_EVENT:
        return open(event.start_mark, Node::Kind::map, text_of(event.data.mapping_start.anchor));
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return close();
      default:
        return;
    }
  }

  std::optional<base::Error>& failed() { return failed_; }

private:
  struct Open {
    Node node;
    std::string anchor;
    bool has_key = false;
    Node key;
    std::map<std::string, int> seen;  // key → line
  };

  Node make(const yaml_mark_t& mark, Node::Kind kind) {
    count(1, mark);
    Node node;
    node.kind = kind;
    node.source = source_;
    node.line = counted(mark.line);
    node.column = counted(mark.column);
    return node;
  }

  void count(std::size_t more, const yaml_mark_t& mark) {
    nodes_ += more;
    if (nodes_ > kMostNodes)
      fail(mark, "the file has more than a million nodes once its aliases are expanded");
  }

  void fail(const yaml_mark_t& mark, std::string message) {
    if (!failed_) failed_ = syntax_error(source_, mark, std::move(message));
  }

  Node scalar(const yaml_event_t& event) {
    const auto& data = event.data.scalar;
    std::string value(reinterpret_cast<const char*>(data.value), data.length);
    const bool plain = data.style == YAML_PLAIN_SCALAR_STYLE && data.tag == nullptr;
    // A plain null is a null.
    if (plain && (value.empty() || value == "~" || value == "null" || value == "Null" || value == "NULL"))
      return make(event.start_mark, Node::Kind::null);
    Node node = make(event.start_mark, Node::Kind::scalar);
    node.scalar = std::move(value);
    node.quoted = !plain;
    return node;
  }

  void alias(const yaml_event_t& event) {
    auto found = anchors_.find(text_of(event.data.alias.anchor));
    if (found == anchors_.end())
      return fail(event.start_mark, fmt::format("YAML syntax: there is no '&{}' before this",
                                                text_of(event.data.alias.anchor)));
    count(count_nodes(found->second), event.start_mark);
    if (failed_) return;
    Node node = found->second;
    node.line = counted(event.start_mark.line);
    node.column = counted(event.start_mark.column);
    add(std::move(node), {});
  }

  void open(const yaml_mark_t& mark, Node::Kind kind, std::string anchor) {
    if (stack_.size() >= kDeepest) return fail(mark, fmt::format("nested deeper than {} levels", kDeepest));
    stack_.push_back({make(mark, kind), std::move(anchor), false, {}, {}});
  }

  void close() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    add(std::move(done.node), done.anchor);
  }

  void add(Node node, const std::string& anchor) {
    if (!anchor.empty()) anchors_[anchor] = node;
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
  std::map<std::string, Node> anchors_;
  std::size_t nodes_ = 0;
  std::optional<base::Error> failed_;
};

// libyaml's parser over a text that outlives it.
class Events {
public:
  explicit Events(const std::string& text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~Events() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  // The next event, or nullptr for an error of syntax. It stands until the next call.
  const yaml_event_t* next() {
    yaml_event_delete(&event_);
    return yaml_parser_parse(&parser_, &event_) == 1 ? &event_ : nullptr;
  }

  base::Error error(const std::shared_ptr<const Source>& source) const {
    const char* problem = parser_.problem != nullptr ? parser_.problem : "no memory left";
    // Of bytes that are no text only their offset is known.
    if (parser_.error == YAML_READER_ERROR)
      return syntax_error(source, mark_at(source->text, parser_.problem_offset),
                          fmt::format("YAML syntax: {}", problem));
    base::Error out = syntax_error(source, parser_.problem_mark,
                                   parser_.context == nullptr
                                       ? fmt::format("YAML syntax: {}", problem)
                                       : fmt::format("YAML syntax: {}, {}", parser_.context, problem));
    if (parser_.context != nullptr && parser_.context_mark.line != parser_.problem_mark.line)
      out.notes.push_back(fmt::format("what is not ended begins in line {}, column {}",
                                      counted(parser_.context_mark.line),
                                      counted(parser_.context_mark.column)));
    return out;
  }

private:
  static yaml_mark_t mark_at(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const std::size_t line = before.rfind('\n');
    return {offset, static_cast<std::size_t>(std::ranges::count(before, '\n')),
            line == std::string_view::npos ? before.size() : before.size() - line - 1};
  }

  yaml_parser_t parser_{};
  yaml_event_t event_{};
};

// Up to the end of the stream; a second document is an error, but for one without anything in it.
std::optional<base::Error> read(Events& events, const std::shared_ptr<const Source>& source,
                                Document& document) {
  Document second;
  std::optional<Builder> builder;
  for (std::size_t documents = 0;;) {
    const yaml_event_t* event = events.next();
    if (event == nullptr) return events.error(source);
    if (event->type == YAML_STREAM_END_EVENT) return std::nullopt;
    if (event->type == YAML_DOCUMENT_START_EVENT) {
      builder.emplace(source, ++documents == 1 ? document : second);
    } else if (event->type == YAML_DOCUMENT_END_EVENT && documents > 1 && !second.root.is_null()) {
      document.errors.push_back({base::Code::yamlSyntax,
                                 "a second document begins here",
                                 second.root.location(),
                                 "one document a file",
                                 {},
                                 {}});
      return std::nullopt;
    } else if (builder) {
      builder->take(*event);
      if (builder->failed()) return std::move(builder->failed());
    }
  }
}

}  // namespace

Document parse(std::shared_ptr<const Source> source) {
  Document document;
  Events events(source->text);
  auto error = read(events, source, document);
  if (error) {
    document.root = {};
    document.errors = {std::move(*error)};
  } else if (document.root.line == 0) {  // nothing in it
    document.root.source = source;
    document.root.line = document.root.column = 1;
  }
  return document;
}

Document parse(std::string name, std::string text) {
  return parse(std::make_shared<const Source>(Source{std::move(name), std::move(text)}));
}

}  // namespace msctl::yaml
