#include "runtime/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

namespace msctl::base {
namespace {

auto order(const Error& e) {
  return std::tie(e.at.file, e.at.line, e.at.column, e.code, e.message);
}

// The offending line and a caret below it. Tabs are kept in the caret's line so that it stands below its
// column.
std::string excerpt(const Location& at) {
  if (at.text.empty() || at.column < 1) return {};
  std::string indent;
  for (std::size_t i = 0; i + 1 < static_cast<std::size_t>(at.column); ++i)
    indent += i < at.text.size() && at.text[i] == '\t' ? '\t' : ' ';
  std::string caret = "^" + std::string(static_cast<std::size_t>(std::max(at.length, 1) - 1), '~');
  return fmt::format("    {}\n    {}{}\n", at.text, indent, caret);
}

}  // namespace

void sort_errors(Errors& errors) {
  std::ranges::stable_sort(errors, [](const Error& a, const Error& b) { return order(a) < order(b); });
  auto same =
      std::ranges::unique(errors, [](const Error& a, const Error& b) { return order(a) == order(b); });
  errors.erase(same.begin(), same.end());
}

std::string to_text(const Error& error, const Colours& colours) {
  std::string place;
  if (!error.at.file.empty()) {
    place = error.at.file;
    if (error.at.line > 0) place += fmt::format(":{}:{}", error.at.line, error.at.column);
    place += ": ";
  }
  std::string out = fmt::format("{}{}{}{}error[{}]{}: {}\n", colours.strong, place, colours.reset,
                                colours.error, to_string(error.code), colours.reset, error.message);
  out += excerpt(error.at);
  if (!error.expected.empty()) out += fmt::format("  expected: {}\n", error.expected);
  for (const std::string& note : error.notes) out += fmt::format("  note: {}\n", note);
  if (!error.suggestion.empty())
    out += fmt::format("  {}help:{} {}\n", colours.help, colours.reset, error.suggestion);
  return out;
}

nlohmann::ordered_json to_json(const Error& error) {
  return {{"code", to_string(error.code)}, {"message", error.message},  {"file", error.at.file},
          {"line", error.at.line},         {"column", error.at.column}, {"expected", error.expected},
          {"suggestion", error.suggestion}};
}

Exit exit_for(const Errors& errors) {
  return errors.empty() ? Exit::failed : info(errors.front().code).exit;
}

}  // namespace msctl::base
