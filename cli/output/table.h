// Columns for people: a header line, two spaces between columns, no lines around. Numbers stand right.
#pragma once

#include <initializer_list>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace msctl::cli::output {

struct Cell {
  Cell(std::string what, std::string_view paint = {}) : text(std::move(what)), colour(paint) {}
  Cell(const char* what) : text(what) {}
  std::string text;
  std::string_view colour{};  // an escape sequence from a Palette
};

class Table {
public:
  // A header that begins with '>' stands right, without the '>'.
  explicit Table(std::initializer_list<std::string> header);
  void add(std::vector<Cell> row);
  void write(std::ostream& out, bool colours) const;

private:
  std::vector<std::string> header_;
  std::vector<bool> right_;
  std::vector<std::vector<Cell>> rows_;
};

// The number of columns which UTF-8 text takes (a code point is one column).
std::size_t columns(std::string_view text);

// "1 route", "2 routes".
std::string count(std::size_t number, std::string_view what);

}  // namespace msctl::cli::output
