#include "scaffolds/helm/template.h"

#include <fmt/format.h>

#include <charconv>

#include "runtime/base/yaml/write.h"
#include "scaffolds/containers/text.h"

namespace msctl::scaffolds::helm {
namespace {

// A plain YAML scalar that no workspace has: letters of the private use area around a number.
constexpr std::string_view mark_begin = "\xee\x80\x80msctl-";
constexpr std::string_view mark_end = "\xee\x80\x81";

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

Json Template::value(std::string expression) {
  expressions_.push_back(fmt::format("{{{{ {} }}}}", expression));
  return fmt::format("{}{}{}", mark_begin, expressions_.size() - 1, mark_end);
}

Json Template::block(const std::string& expression, int columns) {
  Json mark = value(expression);
  expressions_.back() = fmt::format("{{{{- {} | nindent {} }}}}", expression, columns);
  return mark;
}

void Template::add(Json object, std::string condition) {
  objects_.push_back({std::move(object), std::move(condition)});
}

std::string Template::write() const {
  std::string text;
  for (const Object& object : objects_) {
    std::string content = yaml::write(object.content);
    replace_all(content, "{{", "{{ \"{{\" }}");
    if (!object.condition.empty())
      content = fmt::format("{{{{- if {} }}}}\n---\n{}{{{{- end }}}}\n", object.condition, content);
    else
      content.insert(0, "---\n");
    text += content;
  }
  std::string out;
  std::string_view rest = text;
  for (std::size_t at = rest.find(mark_begin); at != std::string_view::npos; at = rest.find(mark_begin)) {
    std::size_t number = 0;
    std::from_chars(rest.data() + at + mark_begin.size(), rest.data() + rest.size(), number);
    std::string_view before = rest.substr(0, at);
    const std::string& expression = expressions_.at(number);
    // "key: " before a block, which begins on the next line.
    if (expression.starts_with("{{-") && before.ends_with(' ')) before.remove_suffix(1);
    out.append(before).append(expression);
    rest.remove_prefix(rest.find(mark_end, at) + mark_end.size());
  }
  return containers::with_header(out.append(rest));
}

}  // namespace msctl::scaffolds::helm
