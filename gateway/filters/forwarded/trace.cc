#include "gateway/filters/forwarded/trace.h"

#include <algorithm>

namespace msctl::gateway::filters {
namespace {

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

std::optional<TraceParent> parse_traceparent(std::string_view text) {
  constexpr std::size_t size = 55;
  if (text.size() < size || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  std::string_view version = text.substr(0, 2), trace = text.substr(3, 32), parent = text.substr(36, 16),
                   flags = text.substr(53, 2);
  if (!is_hex(version) || !is_hex(trace) || !is_hex(parent) || !is_hex(flags)) return std::nullopt;
  if (version == "ff" || is_zero(trace) || is_zero(parent)) return std::nullopt;
  if (text.size() > size && (version == "00" || text[size] != '-')) return std::nullopt;
  return TraceParent{trace, flags};
}

std::string_view random_hex(Arena& arena, Random& random, std::size_t digits) {
  static constexpr char hex[] = "0123456789abcdef";
  std::span<char> room = arena.take(digits);
  do {
    for (std::size_t i = 0; i < digits; i += 16) {
      std::uint64_t word = random.next();
      for (std::size_t j = i; j < std::min(i + 16, digits); ++j, word >>= 4) room[j] = hex[word & 15];
    }
  } while (is_zero({room.data(), digits}));
  return {room.data(), digits};
}

}  // namespace msctl::gateway::filters
