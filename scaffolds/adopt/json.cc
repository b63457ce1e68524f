// JSON by nlohmann's event parser, which tells no places: it reads through an iterator that counts, so that
// at each event the line of what was just read is known.
#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "scaffolds/adopt/formats.h"

namespace msctl::scaffolds::adopt {
namespace {

struct Reading {
  const std::string* text;
  std::size_t offset = 0;
  std::size_t counted = 0;  // up to here lines are counted
  int line = 1;

  int current_line() {
    for (; counted + 1 < offset && counted < text->size(); ++counted)
      line += (*text)[counted] == '\n' ? 1 : 0;
    return line;
  }
};

class Iterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  explicit Iterator(Reading* reading) : reading_(reading) {}
  reference operator*() const { return (*reading_->text)[reading_->offset]; }
  Iterator& operator++() {
    ++reading_->offset;
    return *this;
  }
  Iterator operator++(int) {
    Iterator before = *this;
    ++reading_->offset;
    return before;
  }
  bool is_end() const { return reading_ == nullptr || reading_->offset >= reading_->text->size(); }
  friend bool operator==(const Iterator& a, const Iterator& b) { return a.is_end() == b.is_end(); }

private:
  Reading* reading_;
};

class Builder {
public:
  Builder(std::shared_ptr<const yaml::Source> source, Reading& reading)
      : source_(std::move(source)), reading_(reading) {}

  bool null() { return add(make(yaml::Node::Kind::null)); }
  bool boolean(bool value) { return scalar(value ? "true" : "false", false); }
  bool number_integer(std::int64_t value) { return scalar(std::to_string(value), false); }
  bool number_unsigned(std::uint64_t value) { return scalar(std::to_string(value), false); }
  bool number_float(double, const std::string& text) { return scalar(text, false); }
  bool string(std::string& value) { return scalar(value, true); }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(yaml::Node::Kind::map); }
  bool start_array(std::size_t) { return open(yaml::Node::Kind::list); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    stack_.back().key = make(yaml::Node::Kind::scalar);
    stack_.back().key.scalar = name;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& exception) {
    std::string why = exception.what();
    if (const std::size_t at = why.find("; "); at != std::string::npos)
      why = "JSON syntax: " + why.substr(at + 2);
    fail(position == 0 ? 0 : position - 1, why);
    return false;
  }

  void fail(std::size_t offset, std::string message) {
    if (!error) error = unreadable_at(source_, offset, std::move(message)).error();
  }

  yaml::Node root;
  std::optional<base::Error> error;

private:
  struct Open {
    yaml::Node node, key;
  };

  yaml::Node make(yaml::Node::Kind kind) {
    yaml::Node node;
    node.kind = kind;
    node.source = source_;
    node.line = reading_.current_line();
    node.column = 1;
    return node;
  }

  bool scalar(std::string text, bool quoted) {
    yaml::Node node = make(yaml::Node::Kind::scalar);
    node.scalar = std::move(text);
    node.quoted = quoted;
    return add(std::move(node));
  }

  bool open(yaml::Node::Kind kind) {
    if (stack_.size() >= static_cast<std::size_t>(deepest)) {
      fail(reading_.offset, fmt::format("nested deeper than {} levels", deepest));
      return false;
    }
    stack_.push_back({make(kind), {}});
    return true;
  }

  bool close() {
    yaml::Node done = std::move(stack_.back().node);
    stack_.pop_back();
    return add(std::move(done));
  }

  bool add(yaml::Node node) {
    if (stack_.empty())
      root = std::move(node);
    else if (stack_.back().node.is_list())
      stack_.back().node.items.push_back(std::move(node));
    else
      stack_.back().node.entries.push_back({stack_.back().key, std::move(node)});
    return true;
  }

  std::shared_ptr<const yaml::Source> source_;
  Reading& reading_;
  std::vector<Open> stack_;
};

}  // namespace

base::Result<yaml::Node> parse_json(const std::string& name, const std::string& text) {
  auto source = std::make_shared<const yaml::Source>(yaml::Source{name, text});
  Reading reading{&source->text};
  Builder builder(source, reading);
  if (!nlohmann::json::sax_parse(Iterator(&reading), Iterator(nullptr), &builder) || builder.error)
    return builder.error ? std::unexpected(std::move(*builder.error))
                         : unreadable_at(source, reading.offset, "not a JSON document");
  return std::move(builder.root);
}

}  // namespace msctl::scaffolds::adopt
