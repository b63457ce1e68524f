#include "scaffolds/adopt/formats.h"

#include <fmt/format.h>

#include <algorithm>

namespace msctl::scaffolds::adopt {

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

int line_at(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  return 1 +
         static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

base::Error unreadable(const std::shared_ptr<const yaml::Source>& source, int line, int column,
                       std::string message) {
  yaml::Node place;
  place.source = source;
  place.line = line;
  place.column = column;
  return {base::Code::adoptUnreadable, std::move(message), place.location(), {}, {}, {}};
}

std::unexpected<base::Error> unreadable_at(const std::shared_ptr<const yaml::Source>& source,
                                           std::size_t offset, std::string message) {
  const std::string_view text = source->text;
  offset = std::min(offset, text.size());
  const std::size_t before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return std::unexpected(
      unreadable(source, line_at(text, offset), static_cast<int>(offset - begin) + 1, std::move(message)));
}

base::Result<yaml::Node> parse_yaml(const std::string& name, const std::string& text) {
  yaml::Document document = yaml::parse(name, text);
  if (document.errors.empty()) return std::move(document.root);
  base::Error error = std::move(document.errors.front());
  error.code = base::Code::adoptUnreadable;
  return std::unexpected(std::move(error));
}

base::Result<yaml::Node> parse_tree(const std::string& name, const std::string& text) {
  if (name.ends_with(".json")) return parse_json(name, text);
  if (name.ends_with(".toml")) return parse_toml(name, text);
  if (name.ends_with(".xml")) return parse_xml(name, text);
  return parse_yaml(name, text);
}

}  // namespace msctl::scaffolds::adopt
