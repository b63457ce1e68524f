// XML by pugixml, which knows no entities but the five of XML itself: nothing in a file can make it read
// another, or grow.
#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>

#include "scaffolds/adopt/formats.h"

namespace msctl::scaffolds::adopt {
namespace {

struct TooDeep {
  std::size_t offset;
};

class Converter {
public:
  explicit Converter(std::shared_ptr<const yaml::Source> source) : source_(std::move(source)) {
    for (std::size_t at = 0; (at = source_->text.find('\n', at)) != std::string::npos; ++at)
      ends_.push_back(at);
  }

  yaml::Node element(const pugi::xml_node& from, int depth) const {
    const auto offset = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, from.offset_debug()));
    if (depth > deepest) throw TooDeep{offset};
    yaml::Node out = make(yaml::Node::Kind::map, offset);
    for (const pugi::xml_node& child : from.children())
      if (child.type() == pugi::node_element) add(out, child, depth);
    if (!out.entries.empty()) return out;
    out.kind = yaml::Node::Kind::scalar;
    out.scalar = trimmed(from.text().get());
    return out;
  }

  void add(yaml::Node& map, const pugi::xml_node& child, int depth) const {
    yaml::Node value = element(child, depth + 1);
    if (yaml::Node* before = map.find(child.name())) {
      if (!before->is_list()) {
        yaml::Node list = *before;
        list.kind = yaml::Node::Kind::list;
        list.scalar.clear();
        list.entries.clear();
        list.items = {std::move(*before)};
        *before = std::move(list);
      }
      before->items.push_back(std::move(value));
      return;
    }
    yaml::Node key = value;
    key.kind = yaml::Node::Kind::scalar;
    key.entries.clear();
    key.scalar = child.name();
    map.entries.push_back({std::move(key), std::move(value)});
  }

  yaml::Node make(yaml::Node::Kind kind, std::size_t offset) const {
    yaml::Node node;
    node.kind = kind;
    node.source = source_;
    const auto line = std::ranges::lower_bound(ends_, offset);
    node.line = 1 + static_cast<int>(line - ends_.begin());
    node.column = 1 + static_cast<int>(offset - (line == ends_.begin() ? 0 : *std::prev(line) + 1));
    return node;
  }

private:
  static std::string trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
  }

  std::shared_ptr<const yaml::Source> source_;
  std::vector<std::size_t> ends_;  // of lines
};

}  // namespace

base::Result<yaml::Node> parse_xml(const std::string& name, const std::string& text) {
  auto source = std::make_shared<const yaml::Source>(yaml::Source{name, text});
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(source->text.data(), source->text.size(),
                                                             pugi::parse_default, pugi::encoding_utf8);
  if (!parsed)
    return unreadable_at(source, static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, parsed.offset)),
                         fmt::format("XML syntax: {}", parsed.description()));
  try {
    return Converter(source).element(document, 0);
  } catch (const TooDeep& deep) {
    return unreadable_at(source, deep.offset, fmt::format("nested deeper than {} levels", deepest));
  }
}

}  // namespace msctl::scaffolds::adopt
