// Byte classes of HTTP (RFC 9110 section 5.6.2 and 5.5), and the scan for the byte that ends a field value.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace msctl::gateway::http1 {

inline constexpr std::array<bool, 256> token_table = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = '0'; c <= '9'; ++c) table[c] = true;
  for (std::size_t c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (std::size_t c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

constexpr bool is_token_char(char c) {
  return token_table[static_cast<unsigned char>(c)];
}

constexpr bool is_token(std::string_view text) {
  for (char c : text)
    if (!is_token_char(c)) return false;
  return !text.empty();
}

// What no field value may hold: control characters other than the tab.
constexpr bool is_control(char c) {
  auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7F;
}

// The first control character at or behind `at`; text.size() if there is none. Eight bytes at a time: in
// `low` the top bit of a byte is set where it is below 0x20, in `del` where it is 0x7F. Borrows run only
// towards higher bytes, so the lowest mark is exact on little-endian machines; marks are confirmed one by
// one, so that a tab or a false one only costs time.
inline std::size_t find_control(std::string_view text, std::size_t at = 0) {
  constexpr std::uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
  while (at + 8 <= text.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    std::uint64_t low = (word - ones * 0x20) & ~word & tops;
    std::uint64_t flipped = word ^ (ones * 0x7F);
    std::uint64_t del = (flipped - ones) & ~flipped & tops;
    if ((low | del) != 0)
      for (std::size_t end = at + 8; at < end; ++at) {
        if (is_control(text[at])) return at;
      }
    else
      at += 8;
  }
  while (at < text.size() && !is_control(text[at])) ++at;
  return at;
}

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace msctl::gateway::http1
