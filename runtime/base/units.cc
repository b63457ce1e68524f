#include "runtime/base/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "runtime/base/names.h"

namespace msctl::base {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array<Unit, 7> kDurations{
    {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}}};
constexpr std::array<Unit, 9> kSizes{{{"B", 1},
                                      {"KiB", 1024.0},
                                      {"MiB", 1048576.0},
                                      {"GiB", 1073741824.0},
                                      {"TiB", 1099511627776.0},
                                      {"kB", 1e3},
                                      {"MB", 1e6},
                                      {"GB", 1e9},
                                      {"TB", 1e12}}};
constexpr std::array<Unit, 2> kCpu{{{"", 1000}, {"m", 1}}};
constexpr std::array<Unit, 12> kMemory{{{"", 1},
                                        {"k", 1e3},
                                        {"M", 1e6},
                                        {"G", 1e9},
                                        {"T", 1e12},
                                        {"P", 1e15},
                                        {"Ki", 1024.0},
                                        {"Mi", 1048576.0},
                                        {"Gi", 1073741824.0},
                                        {"Ti", 1099511627776.0},
                                        {"Pi", 1125899906842624.0},
                                        {"m", 1e-3}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::unexpected<Error> bad(std::string message, std::string expected, std::string suggestion = {}) {
  Error error;
  error.code = Code::wrongUnit;
  error.message = std::move(message);
  error.expected = std::move(expected);
  error.suggestion = std::move(suggestion);
  return std::unexpected(std::move(error));
}

// Takes digits with at most one point off the front of `text`.
std::optional<double> take_number(std::string_view& text) {
  std::size_t end = 0;
  bool point = false;
  while (end < text.size() && (is_digit(text[end]) || (text[end] == '.' && !point))) {
    point = point || text[end] == '.';
    ++end;
  }
  double value = 0;
  auto [rest, error] = std::from_chars(text.data(), text.data() + end, value);
  if (end == 0 || error != std::errc{} || rest != text.data() + end) return std::nullopt;
  text.remove_prefix(end);
  return value;
}

template <std::size_t N>
std::optional<double> factor_of(const std::array<Unit, N>& units, std::string_view name) {
  for (const Unit& unit : units)
    if (unit.name == name) return unit.factor;
  return std::nullopt;
}

// The unit that was likely meant, with the number kept: "10sec" → "10s".
template <std::size_t N>
std::string suggest(const std::array<Unit, N>& units, std::string_view number, std::string_view name) {
  static const std::array<std::pair<std::string_view, std::string_view>, 22> kUsual{
      {{"sec", "s"},    {"secs", "s"},    {"second", "s"},  {"seconds", "s"}, {"min", "m"}, {"mins", "m"},
       {"minute", "m"}, {"minutes", "m"}, {"hour", "h"},    {"hours", "h"},   {"hr", "h"},  {"day", "d"},
       {"days", "d"},   {"msec", "ms"},   {"millis", "ms"}, {"K", "KiB"},     {"M", "MiB"}, {"G", "GiB"},
       {"KB", "kB"},    {"kb", "kB"},     {"mb", "MB"},     {"gb", "GB"}}};
  for (auto [typed, meant] : kUsual)
    if (typed == name && factor_of(units, meant)) return fmt::format("did you mean '{}{}'?", number, meant);
  std::vector<std::string> names;
  for (const Unit& unit : units) names.emplace_back(unit.name);
  std::string near = nearest(name, names);
  return near.empty() ? std::string{} : fmt::format("did you mean '{}{}'?", number, near);
}

constexpr double kLargest = 9.2e18;

constexpr std::string_view kDurationForm = "a duration like 250ms, 10s, 1m30s or 2h";
constexpr std::string_view kSizeForm = "a size like 64KiB, 8MiB or 1GB";

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration::zero();
  std::string_view rest = text;
  double total = 0;
  if (text.empty()) return bad("a duration is empty", std::string(kDurationForm));
  while (!rest.empty()) {
    std::string_view before = rest;
    auto number = take_number(rest);
    if (!number) return bad(fmt::format("'{}' is not a duration", text), std::string(kDurationForm));
    std::string_view digits = before.substr(0, before.size() - rest.size());
    std::size_t end = 0;
    while (end < rest.size() && !is_digit(rest[end]) && rest[end] != '.') ++end;
    std::string_view name = rest.substr(0, end);
    auto factor = factor_of(kDurations, name);
    if (!factor && name.empty())
      return bad(fmt::format("the duration '{}' has no unit", text), std::string(kDurationForm),
                 fmt::format("did you mean '{}s'?", text));
    if (!factor)
      return bad(
          fmt::format("unknown unit '{}' in the duration '{}'", name, text), std::string(kDurationForm),
          digits.size() + name.size() == text.size() ? suggest(kDurations, digits, name) : std::string{});
    total += *number * *factor;
    rest.remove_prefix(end);
  }
  if (total > kLargest) return bad(fmt::format("the duration '{}' is too long", text), "at most 290 years");
  return Duration(static_cast<std::int64_t>(std::llround(total)));
}

std::string to_string(Duration duration) {
  std::int64_t left = duration.count();
  if (left == 0) return "0s";
  std::string out;
  const std::array<std::pair<std::string_view, std::int64_t>, 6> parts{{{"h", 3'600'000'000'000},
                                                                        {"m", 60'000'000'000},
                                                                        {"s", 1'000'000'000},
                                                                        {"ms", 1'000'000},
                                                                        {"us", 1'000},
                                                                        {"ns", 1}}};
  for (auto [name, size] : parts)
    if (std::int64_t count = left / size; count > 0) {
      out += fmt::format("{}{}", count, name);
      left %= size;
    }
  return out;
}

Result<std::uint64_t> parse_size(std::string_view text) {
  std::string_view rest = text;
  auto number = take_number(rest);
  if (!number) return bad(fmt::format("'{}' is not a size", text), std::string(kSizeForm));
  auto factor = rest.empty() ? std::optional(1.0) : factor_of(kSizes, rest);
  if (!factor)
    return bad(fmt::format("unknown unit '{}' in the size '{}'", rest, text), std::string(kSizeForm),
               suggest(kSizes, text.substr(0, text.size() - rest.size()), rest));
  if (*number * *factor > kLargest)
    return bad(fmt::format("the size '{}' is too large", text), "at most 8 EiB");
  return static_cast<std::uint64_t>(std::llround(*number * *factor));
}

std::string size_to_string(std::uint64_t bytes) {
  const std::array<std::pair<std::string_view, std::uint64_t>, 4> units{
      {{"TiB", 1ULL << 40}, {"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}}};
  for (auto [name, size] : units)
    if (bytes >= size && bytes % size == 0) return fmt::format("{}{}", bytes / size, name);
  return fmt::format("{}", bytes);
}

Result<double> parse_percentage(std::string_view text, double limit) {
  std::string form = fmt::format("a percentage from 0% to {}%", limit);
  std::string_view rest = text;
  auto number = take_number(rest);
  if (!number) return bad(fmt::format("'{}' is not a percentage", text), form);
  if (rest.empty())
    return bad(fmt::format("the percentage '{}' has no '%'", text), form,
               fmt::format("did you mean '{}%'?", text));
  if (rest != "%") return bad(fmt::format("'{}' is not a percentage", text), form);
  if (*number > limit) return bad(fmt::format("{} is more than {}%", text, limit), form);
  return *number;
}

Result<std::int64_t> parse_cpu(std::string_view text) {
  const std::string form = "a quantity of processor like 250m, 0.5 or 2";
  std::string_view rest = text;
  auto number = take_number(rest);
  if (!number) return bad(fmt::format("'{}' is not a quantity of processor", text), form);
  auto factor = factor_of(kCpu, rest);
  if (!factor)
    return bad(fmt::format("unknown unit '{}' in the quantity '{}'", rest, text), form,
               suggest(kCpu, text.substr(0, text.size() - rest.size()), rest));
  if (*number * *factor > kLargest) return bad(fmt::format("the quantity '{}' is too large", text), form);
  return static_cast<std::int64_t>(std::ceil(*number * *factor));
}

Result<std::int64_t> parse_memory(std::string_view text) {
  const std::string form = "a quantity of memory like 128Mi, 1Gi or 500M";
  std::string_view rest = text;
  auto number = take_number(rest);
  if (!number) return bad(fmt::format("'{}' is not a quantity of memory", text), form);
  auto factor = factor_of(kMemory, rest);
  std::string_view digits = text.substr(0, text.size() - rest.size());
  if (!factor && rest.size() >= 2 && (rest.back() == 'B' || rest.back() == 'b') &&
      factor_of(kMemory, rest.substr(0, rest.size() - 1)))
    return bad(fmt::format("unknown unit '{}' in the quantity '{}'", rest, text), form,
               fmt::format("did you mean '{}{}'?", digits, rest.substr(0, rest.size() - 1)));
  if (!factor && (rest.starts_with('e') || rest.starts_with('E'))) {
    int exponent = 0;
    auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), exponent);
    if (error == std::errc{} && end == rest.data() + rest.size() && exponent >= 0 && exponent <= 18)
      factor = std::pow(10.0, exponent);
  }
  if (!factor)
    return bad(fmt::format("unknown unit '{}' in the quantity '{}'", rest, text), form,
               suggest(kMemory, digits, rest));
  if (*number * *factor > kLargest) return bad(fmt::format("the quantity '{}' is too large", text), form);
  return static_cast<std::int64_t>(std::ceil(*number * *factor));
}

}  // namespace msctl::base
