#include "cli/describe/roff.h"

#include <fmt/format.h>

#include <vector>

#include "cli/describe/text.h"
#include "cli/version.h"

namespace msctl::cli::describe {
namespace {

// Of the texts, not of the build: the same sources give the same pages.
constexpr std::string_view kDate = "2026-11-22";
constexpr std::size_t kWidth = 72;

// The code point that begins at `at`, which is moved behind it; the texts of descriptions are valid UTF-8.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  auto first = static_cast<unsigned char>(text[at++]);
  int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  char32_t point = more == 3 ? first & 0x07U : more == 2 ? first & 0x0FU : more == 1 ? first & 0x1FU : first;
  for (; more > 0 && at < text.size(); --more)
    point = (point << 6U) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
  return point;
}

// Sentences apart: "e.g." has no space behind its first full stop, and a version's full stop none at all.
std::vector<std::string> sentences(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    auto end = text.find(". ");
    if (end == std::string_view::npos) end = text.size();
    all.emplace_back(text.substr(0, std::min(end + 1, text.size())));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return all;
}

}  // namespace

std::string roff_escape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    char32_t point = next_code_point(text, at);
    if (point == U'\\')
      out += "\\e";
    else if (point == U'-')
      out += "\\-";
    else if (point == U'\'')
      out += "\\(aq";
    else if (point == U'~')
      out += "\\(ti";
    else if (point == U'^')
      out += "\\(ha";
    else if (point == U'`')
      out += "\\(ga";
    else if (point > 0x7E)
      out += fmt::format("\\[u{:04X}]", static_cast<unsigned>(point));
    else
      out += static_cast<char>(point);
  }
  return out;
}

std::string roff_text(std::string_view text) {
  std::string out;
  bool bold = false;
  while (!text.empty()) {
    auto tick = std::min(text.find('`'), text.size());
    out += roff_escape(text.substr(0, tick));
    if (tick == text.size()) break;
    bold = !bold;
    out += bold ? "\\fB" : "\\fR";
    text.remove_prefix(tick + 1);
  }
  return out;
}

Roff::Roff(std::string_view name) {
  std::string title;
  for (char c : name) title += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  page_ = fmt::format(
      ".\\\" Written from the command's description; see cli/README.md.\n.TH {} 1 {} \"msctl {}\" \"msctl "
      "manual\"\n",
      title, kDate, version());
}

void Roff::section(std::string_view title) {
  page_ += fmt::format(".SH {}\n", title);
  fresh_ = true;
}

void Roff::subsection(std::string_view title) {
  page_ += fmt::format(".SS {}\n", title);
  fresh_ = true;
}

void Roff::paragraph(std::string_view text) {
  if (!fresh_) page_ += ".PP\n";
  fresh_ = false;
  lines(text);
}

void Roff::literal(std::string_view text) {
  page_ += fresh_ ? ".RS 4\n.nf\n" : ".PP\n.RS 4\n.nf\n";
  fresh_ = false;
  std::string_view rest = text;
  while (!rest.empty()) {
    auto end = std::min(rest.find('\n'), rest.size());
    page_ += "\\&" + roff_escape(rest.substr(0, end)) + "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  page_ += ".fi\n.RE\n";
}

void Roff::item(std::string_view head, std::string_view text) {
  fresh_ = false;
  page_ += fmt::format(".TP\n{}\n", head);
  lines(text);
}

// A sentence begins a line, and no line is long. A line must not begin with a control character.
void Roff::lines(std::string_view text) {
  for (const std::string& sentence : sentences(text)) {
    for (const std::string& line : wrap(roff_text(sentence), kWidth)) {
      if (line.starts_with('.')) page_ += "\\&";
      page_ += line + "\n";
    }
  }
}

}  // namespace msctl::cli::describe
