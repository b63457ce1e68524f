#include "runtime/toolchain/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>

#include "runtime/base/file.h"

namespace msctl::toolchain {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::size_t most_output = 1 << 20;

// How many bytes the character at `at` has, 0 if it is no UTF-8 (RFC 3629) or one that XML 1.0 forbids.
std::size_t character(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<std::uint8_t>(text[at + i]) : std::uint8_t{0};
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return first >= 0x20 || first == '\n' || first == '\t' || first == '\r' ? 1 : 0;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!tail(1) || !tail(2) || (first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F))
      return 0;
    return first == 0xEF && byte(1) == 0xBF && byte(2) >= 0xBE ? 0 : 3;  // U+FFFE and U+FFFF
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3) || (first == 0xF0 && byte(1) < 0x90) ||
        (first == 0xF4 && byte(1) > 0x8F))
      return 0;
    return 4;
  }
  return 0;
}

// Where the tag that begins at `at` ends (behind its '>'), quoted values skipped.
std::size_t end_of_tag(std::string_view text, std::size_t at) {
  char quote = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0)
      quote = c == quote ? 0 : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else if (c == '>')
      return at + 1;
  }
  return std::string_view::npos;
}

// Behind a comment or CDATA section that begins at `at`, or `at`.
std::size_t skip_section(std::string_view text, std::size_t at) {
  for (auto [begin, end] : {std::pair{"<!--", "-->"}, std::pair{"<![CDATA[", "]]>"}})
    if (text.substr(at).starts_with(begin)) {
      const std::size_t close = text.find(end, at);
      return close == std::string_view::npos ? text.size() : close + 3;
    }
  return at;
}

bool opens(std::string_view text, std::size_t at, std::string_view name) {
  if (!text.substr(at).starts_with(name)) return false;
  const char next = at + name.size() < text.size() ? text[at + name.size()] : ' ';
  return next == ' ' || next == '>' || next == '/' || next == '\n' || next == '\t' || next == '\r';
}

// Where the element that begins at `at` with the tag ending at `tag_end` ends.
std::size_t end_of_case(std::string_view text, std::size_t tag_end) {
  if (text[tag_end - 2] == '/') return tag_end;
  constexpr std::string_view close = "</testcase>";
  for (std::size_t at = text.find('<', tag_end); at != std::string_view::npos; at = text.find('<', at)) {
    if (const std::size_t behind = skip_section(text, at); behind != at) {
      at = behind;
      continue;
    }
    if (text.substr(at).starts_with(close)) return at + close.size();
    ++at;
  }
  return std::string_view::npos;
}

std::size_t count(std::string_view text, std::string_view tag) {
  std::size_t out = 0;
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
    if (const std::size_t behind = skip_section(text, at); behind != at) {
      at = behind;
      continue;
    }
    out += opens(text, at, tag) ? 1 : 0;
    ++at;
  }
  return out;
}

double seconds(base::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string suite_xml(const Suite& suite) {
  std::string cases = suite.own_cases;
  // The steps failed where no own case did: the build, or the runner itself.
  if (cases.empty() || (!suite.ok && count(cases, "<failure") + count(cases, "<error") == 0)) {
    cases += fmt::format("<testcase classname=\"{0}\" name=\"{0}\" time=\"{1:.3f}\">",
                         escape_xml(suite.service), seconds(suite.took));
    if (!suite.ok) cases += fmt::format("<failure message=\"{}\"/>", escape_xml(suite.failure));
    cases += "</testcase>";
  }
  std::string_view output = suite.output;
  if (output.size() > most_output) output.remove_prefix(output.size() - most_output);
  return fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
      "time=\"{:.3f}\">\n{}\n"
      "<system-out>{}</system-out>\n  </testsuite>\n",
      escape_xml(suite.service), count(cases, "<testcase"), count(cases, "<failure"), count(cases, "<error"),
      count(cases, "<skipped"), seconds(suite.took), cases, escape_xml(output));
}

}  // namespace

std::string junit_document(const std::vector<Suite>& suites) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const Suite& suite : suites) out += suite_xml(suite);
  return out + "</testsuites>\n";
}

std::string cases_in(std::string_view document) {
  std::string out;
  for (std::size_t at = document.find('<'); at != std::string_view::npos; at = document.find('<', at)) {
    if (const std::size_t behind = skip_section(document, at); behind != at) {
      at = behind;
      continue;
    }
    if (!opens(document, at, "<testcase")) {
      ++at;
      continue;
    }
    const std::size_t tag_end = end_of_tag(document, at);
    const std::size_t end = tag_end == std::string_view::npos ? tag_end : end_of_case(document, tag_end);
    if (end == std::string_view::npos) return out;
    out.append(document.substr(at, end - at)).append("\n");
    at = end;
  }
  return out;
}

std::string cases_at(const std::string& path) {
  std::vector<std::string> documents;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(path, none))
    if (entry.path().extension() == ".xml") documents.push_back(entry.path().string());
  if (none) documents.push_back(path);
  std::ranges::sort(documents);
  std::string out;
  for (const std::string& document : documents)
    if (auto text = base::read_file(document)) out += cases_in(*text);
  return out;
}

std::string escape_xml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character(text, at);
    if (length == 0)
      out += replacement;
    else if (text[at] == '&')
      out += "&amp;";
    else if (text[at] == '<')
      out += "&lt;";
    else if (text[at] == '>')
      out += "&gt;";
    else if (text[at] == '"')
      out += "&quot;";
    else
      out += text.substr(at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

}  // namespace msctl::toolchain
