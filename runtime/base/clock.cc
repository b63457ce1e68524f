#include "runtime/base/clock.h"

#include <fmt/chrono.h>

#include <charconv>

namespace msctl::base {
namespace {

// Exactly `size` digits at `at`.
std::optional<int> number(std::string_view text, std::size_t at, std::size_t size) {
  if (text.size() < at + size) return std::nullopt;
  int out = 0;
  const char* begin = text.data() + at;
  if (*begin == '-' || *begin == '+') return std::nullopt;
  const auto [end, error] = std::from_chars(begin, begin + size, out);
  if (error != std::errc{} || end != begin + size) return std::nullopt;
  return out;
}

}  // namespace

std::string to_rfc3339(WallTime time) {
  auto ms = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), ms % 1000);
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const auto y = number(text, 0, 4), mo = number(text, 5, 2), d = number(text, 8, 2);
  const auto h = number(text, 11, 2), mi = number(text, 14, 2), s = number(text, 17, 2);
  if (!y || !mo || !d || !h || !mi || !s || text.size() < 20) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
      text[16] != ':')
    return std::nullopt;
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)}, day{static_cast<unsigned>(*d)}};
  if (!date.ok() || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
  // Beyond what the clock's 64 bits of nanoseconds hold.
  if (*y < 1700 || *y > 2250) return std::nullopt;
  std::size_t at = 19;
  nanoseconds fraction{};
  if (text[at] == '.') {
    nanoseconds unit = seconds{1};
    while (++at < text.size() && text[at] >= '0' && text[at] <= '9') {
      unit /= 10;
      fraction += unit * (text[at] - '0');
    }
  }
  minutes offset{};
  if (at + 1 == text.size() && (text[at] == 'Z' || text[at] == 'z')) {
  } else if (at + 6 == text.size() && (text[at] == '+' || text[at] == '-') && text[at + 3] == ':') {
    const auto oh = number(text, at + 1, 2), om = number(text, at + 4, 2);
    if (!oh || !om || *oh > 23 || *om > 59) return std::nullopt;
    offset = hours{*oh} + minutes{*om};
    if (text[at] == '-') offset = -offset;
  } else {
    return std::nullopt;
  }
  return sys_days{date} + hours{*h} + minutes{*mi} + seconds{*s} - offset +
         duration_cast<WallTime::duration>(fraction);
}

}  // namespace msctl::base
