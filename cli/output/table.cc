#include "cli/output/table.h"

#include <algorithm>
#include <ostream>

#include "cli/output/colour.h"

namespace msctl::cli::output {

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string count(std::size_t number, std::string_view what) {
  return std::to_string(number) + " " + std::string(what) + (number == 1 ? "" : "s");
}

Table::Table(std::initializer_list<std::string> header) {
  for (const std::string& name : header) {
    bool right = name.starts_with('>');
    right_.push_back(right);
    header_.push_back(right ? name.substr(1) : name);
  }
}

void Table::add(std::vector<Cell> row) {
  row.resize(header_.size(), Cell(""));
  rows_.push_back(std::move(row));
}

void Table::write(std::ostream& out, bool colours) const {
  std::vector<std::size_t> widths;
  for (const std::string& name : header_) widths.push_back(columns(name));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i].text));

  const Palette& colour = palette(colours);
  auto line = [&](const auto& text_of, const auto& colour_of) {
    for (std::size_t i = 0; i < header_.size(); ++i) {
      const std::string& text = text_of(i);
      std::string pad(widths[i] - columns(text), ' ');
      std::string_view start = colours ? colour_of(i) : std::string_view{};
      if (right_[i]) out << pad;
      out << start << text << (start.empty() ? std::string_view{} : colour.reset);
      bool last = i + 1 == header_.size();
      if (!right_[i] && !last) out << pad;
      if (!last) out << "  ";
    }
    out << '\n';
  };
  line([&](std::size_t i) -> const std::string& { return header_[i]; },
       [&](std::size_t) { return colour.bold; });
  for (const auto& row : rows_)
    line([&](std::size_t i) -> const std::string& { return row[i].text; },
         [&](std::size_t i) { return row[i].colour; });
}

}  // namespace msctl::cli::output
