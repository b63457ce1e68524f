// Writing man(7) so that neither groff nor mandoc has a complaint: escapes, short lines, no empty paragraphs.
#pragma once

#include <string>
#include <string_view>

namespace msctl::cli::describe {

// Characters that mean something to roff, and all beyond ASCII, escaped.
std::string roff_escape(std::string_view text);

// roff_escape, with what stands between backticks in bold.
std::string roff_text(std::string_view text);

class Roff {
public:
  explicit Roff(std::string_view name);  // "msctl-gateway-run": the page's title, in section 1

  void section(std::string_view title);
  void subsection(std::string_view title);
  void paragraph(std::string_view text);
  void literal(std::string_view text);
  // A tagged paragraph. `head` is roff already.
  void item(std::string_view head, std::string_view text);
  void prose(std::string_view text) { lines(text); }  // without a paragraph of its own
  void raw(std::string_view roff) { page_ += roff; }
  std::string take() { return std::move(page_); }

private:
  void lines(std::string_view text);
  bool fresh_ = false;  // right behind a heading, where .PP would be empty
  std::string page_;
};

}  // namespace msctl::cli::describe
