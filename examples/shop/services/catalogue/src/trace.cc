#include "trace.h"

#include <algorithm>
#include <stdexcept>

#include <sys/random.h>

namespace app {
namespace {

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

// version "-" trace-id "-" parent-id "-" flags; a later version may have more after another "-".
bool is_valid(std::string_view header) {
  if (header.size() < 55 || header[2] != '-' || header[35] != '-' || header[52] != '-') return false;
  const std::string_view version = header.substr(0, 2);
  const std::string_view trace_id = header.substr(3, 32);
  const std::string_view parent_id = header.substr(36, 16);
  if (!is_hex(version) || version == "ff" || !is_hex(trace_id) || !is_hex(parent_id)) return false;
  if (!is_hex(header.substr(53, 2)) || is_zero(trace_id) || is_zero(parent_id)) return false;
  return header.size() == 55 || (version != "00" && header[55] == '-');
}

}  // namespace

std::string random_hex(std::size_t bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string raw(bytes, '\0');
  if (::getrandom(raw.data(), raw.size(), 0) != static_cast<ssize_t>(raw.size()))
    throw std::runtime_error("the operating system has no randomness");
  std::string out;
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

Trace continue_trace(std::string_view header) {
  Trace out;
  out.span_id = random_hex(8);
  if (is_valid(header)) {
    out.trace_id = header.substr(3, 32);
    out.flags = header.substr(53, 2);
  } else {
    out.trace_id = random_hex(16);
  }
  return out;
}

std::string traceparent(const Trace& trace) {
  return "00-" + trace.trace_id + "-" + trace.span_id + "-" + trace.flags;
}

}  // namespace app
