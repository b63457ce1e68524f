#include <fmt/format.h>

#include "runtime/base/schema/schema.h"

namespace msctl::schema {
namespace {

std::string escape(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

// Below a list or a map, the path grows "[]" or ".NAME".
void rows(std::string& out, const Type& type, const std::string& path) {
  switch (type.kind) {
    case Kind::list:
      return rows(out, *type.element, path + "[]");
    case Kind::map:
      return rows(out, *type.element, path + ".NAME");
    case Kind::one_of:
      for (const TypePtr& variant : type.variants) rows(out, *variant, path);
      return;
    case Kind::object:
      for (const Field& field : type.fields) {
        std::string key = path.empty() ? field.name : path + "." + field.name;
        out += fmt::format("| `{}` | {} | {} | {} |\n", key, escape(describe(*field.type)),
                           field.required ? "required" : escape(field.default_text), escape(field.doc));
        rows(out, *field.type, key);
      }
      return;
    default:
      return;
  }
}

}  // namespace

std::string to_markdown(const Type& type) {
  std::string out = "| Key | Value | Default | Meaning |\n|---|---|---|---|\n";
  rows(out, type, {});
  return out;
}

}  // namespace msctl::schema
