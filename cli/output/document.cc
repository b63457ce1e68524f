#include "cli/output/document.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/output/colour.h"
#include "runtime/base/yaml/write.h"

namespace msctl::cli::output {
namespace {

using Json = nlohmann::ordered_json;

// Bytes that are not UTF-8 (a log line, a file's name) must not break the document: U+FFFD stands for them.
std::string dump(const Json& document, int indent) {
  return document.dump(indent, ' ', false, Json::error_handler_t::replace);
}

void write(Context& context, const Json& document) {
  if (context.settings.format == Format::yaml)
    context.out << (context.settings.following ? "---\n" : "") << yaml::write(document);
  else
    context.out << dump(document, context.settings.following ? -1 : 2) << '\n';
}

Json envelope(const base::Errors& errors) {
  Json document{{"schema", 1}, {"ok", errors.empty()}};
  if (errors.empty()) return document;
  Json& list = document["errors"] = Json::array();
  for (const base::Error& error : errors) list.push_back(base::to_json(error));
  return document;
}

void write_text(Context& context, const base::Errors& errors) {
  for (const base::Error& error : errors)
    context.err << base::to_text(error, error_colours(context.settings.colour_err));
  if (errors.size() > 1) context.err << fmt::format("{} errors\n", errors.size());
}

}  // namespace

void print(Context& context, const Json& fields, const Text& text) {
  print(context, fields, text, {});
}

void print(Context& context, const Json& fields, const Text& text, const base::Errors& errors) {
  if (context.settings.format == Format::table) {
    text(context.out);
    context.out.flush();
    write_text(context, errors);
    return;
  }
  Json document = envelope(errors);
  document.update(fields);
  document["ok"] = errors.empty();  // whatever the fields say of themselves
  write(context, document);
}

void print(Context& context, const base::Errors& errors) {
  if (context.settings.format == Format::table)
    write_text(context, errors);
  else
    write(context, envelope(errors));
}

void print_line(Context& context, const Json& object, const Text& text) {
  context.settings.following = true;
  if (context.settings.format == Format::table)
    text(context.out);
  else
    write(context, object);
  context.out.flush();
}

}  // namespace msctl::cli::output
