#include "cli/app/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "runtime/base/names.h"
#include "runtime/base/units.h"

namespace msctl::cli::app {
namespace {

base::Error wrong(std::string message, std::string expected, std::string suggestion = {}) {
  base::Error error;
  error.code = base::Code::usage;
  error.message = std::move(message);
  error.expected = std::move(expected);
  error.suggestion = std::move(suggestion);
  return error;
}

std::optional<std::int64_t> to_integer(std::string_view text) {
  std::int64_t number = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string range_of(const Flag& flag) {
  using Limits = std::numeric_limits<std::int64_t>;
  if (flag.minimum == Limits::min() && flag.maximum == Limits::max()) return "a whole number";
  if (flag.maximum == Limits::max()) return fmt::format("a whole number, {} or more", flag.minimum);
  return fmt::format("a whole number from {} to {}", flag.minimum, flag.maximum);
}

std::optional<base::Error> check_choice(std::string_view where, const std::string& value,
                                        const std::vector<std::string>& choices) {
  if (std::ranges::find(choices, value) != choices.end()) return std::nullopt;
  return wrong(fmt::format("{} does not take '{}'", where, value), base::either(choices),
               base::did_you_mean(value, choices));
}

std::optional<base::Error> check_count(std::string_view where, const std::string& value) {
  auto equals = value.find('=');
  auto count =
      equals == std::string::npos ? std::nullopt : to_integer(std::string_view(value).substr(equals + 1));
  if (equals != 0 && count && *count >= 0) return std::nullopt;
  return wrong(fmt::format("{} does not take '{}'", where, value),
               "SERVICE=N, with N a whole number, 0 or more");
}

}  // namespace

std::optional<base::Error> check(const Flag& flag, std::string_view where, const std::string& value) {
  if (flag.is_switch()) {
    if (to_switch(value)) return std::nullopt;
    return wrong(fmt::format("{} does not take '{}'", where, value), "true or false");
  }
  switch (flag.kind) {
    case Kind::integer: {
      auto number = to_integer(value);
      if (number && *number >= flag.minimum && *number <= flag.maximum) return std::nullopt;
      return wrong(fmt::format("{} does not take '{}'", where, value), range_of(flag));
    }
    case Kind::duration: {
      auto duration = base::parse_duration(value);
      if (duration) return std::nullopt;
      return wrong(fmt::format("{} does not take '{}': {}", where, value, duration.error().message),
                   duration.error().expected, duration.error().suggestion);
    }
    case Kind::choice:
      return check_choice(where, value, flag.choices);
    case Kind::service_count:
      return check_count(where, value);
    default:
      return std::nullopt;
  }
}

std::optional<base::Error> check(const Argument& argument, const std::string& value) {
  if (!argument.choices.empty()) return check_choice(argument.name, value, argument.choices);
  if (argument.kind == Kind::service_count) return check_count(argument.name, value);
  return std::nullopt;
}

std::optional<bool> to_switch(std::string_view text) {
  for (std::string_view word : {"true", "1", "yes", "on"})
    if (text == word) return true;
  for (std::string_view word : {"false", "0", "no", "off"})
    if (text == word) return false;
  return std::nullopt;
}

}  // namespace msctl::cli::app
