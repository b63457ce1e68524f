#include "runtime/analysis/weights.h"

#include <fmt/format.h>

#include <charconv>
#include <string>

#include "runtime/base/units.h"

namespace msctl::analysis {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostSteps = 20;
constexpr base::Duration kShortest = 5s;
constexpr base::Duration kLongest = 24h;

std::unexpected<base::Error> wrong(std::string message, std::string expected, std::string suggestion = {}) {
  base::Error error;
  error.code = base::Code::usage;
  error.message = std::move(message);
  error.expected = std::move(expected);
  error.suggestion = std::move(suggestion);
  return std::unexpected(std::move(error));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

constexpr std::string_view kForm = "percentages that grow, like 5,25,50,100";

base::Result<double> parse_one(std::string_view part, std::string_view all) {
  std::string_view number = trimmed(part);
  if (number.empty()) return wrong(fmt::format("a step in '{}' is empty", all), std::string(kForm));
  if (number.ends_with('%')) number.remove_suffix(1);
  double value = 0;
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != number.data() + number.size())
    return wrong(fmt::format("the step '{}' is not a percentage", trimmed(part)), std::string(kForm));
  if (!(value > 0 && value <= 100))
    return wrong(fmt::format("the step '{}' is not above 0 and at most 100", trimmed(part)),
                 std::string(kForm));
  return value;
}

}  // namespace

base::Result<Steps> parse_steps(std::string_view steps, std::string_view interval) {
  Steps result;
  for (std::string_view rest = steps;;) {
    const auto comma = rest.find(',');
    auto step = parse_one(rest.substr(0, comma), steps);
    if (!step) return std::unexpected(step.error());
    if (!result.percentages.empty() && *step <= result.percentages.back())
      return wrong(fmt::format("the step {:g} comes after {:g}", *step, result.percentages.back()),
                   std::string(kForm));
    result.percentages.push_back(*step);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (result.percentages.back() < 100) result.percentages.push_back(100);
  if (result.percentages.size() == 1)
    return wrong("with 100 as its only step there is no stable version to compare with", std::string(kForm),
                 "name smaller steps before 100, or leave --canary out");
  if (result.percentages.size() > kMostSteps)
    return wrong(fmt::format("{} steps are too many", result.percentages.size()),
                 fmt::format("at most {} steps", kMostSteps));

  auto duration = base::parse_duration(interval);
  if (!duration) {
    base::Error error = duration.error();
    error.code = base::Code::usage;
    error.message = fmt::format("the interval of the canary: {}", error.message);
    return std::unexpected(std::move(error));
  }
  if (*duration < kShortest || *duration > kLongest)
    return wrong(fmt::format("an interval of {} is too {}", base::to_string(*duration),
                             *duration < kShortest ? "short to judge by" : "long"),
                 fmt::format("from {} to {}", base::to_string(kShortest), base::to_string(kLongest)));
  result.interval = *duration;
  return result;
}

}  // namespace msctl::analysis
