#include "runtime/analysis/weights.h"

#include <array>

#include "tests/catch.h"

using namespace msctl::analysis;
using namespace std::chrono_literals;

TEST_CASE("steps of a canary") {
  const auto steps = parse_steps("5,25,50,100", "1m").value();
  CHECK(steps.percentages == std::vector<double>{5, 25, 50, 100});
  CHECK(steps.interval == 1min);
  CHECK(steps.judged() == 3);
  CHECK(parse_steps("5%, 25.5%", "90s").value().percentages == std::vector<double>{5, 25.5, 100});
  CHECK(parse_steps("0.1", "5s").value().percentages == std::vector<double>{0.1, 100});
}

TEST_CASE("steps that are none name what is wrong") {
  const std::vector<std::array<const char*, 3>> cases{
      {"", "1m", "a step in '' is empty"},
      {"5,,25", "1m", "a step in '5,,25' is empty"},
      {"5,", "1m", "a step in '5,' is empty"},
      {"5,lots", "1m", "the step 'lots' is not a percentage"},
      {"5;25", "1m", "the step '5;25' is not a percentage"},
      {"nan", "1m", "the step 'nan' is not above 0 and at most 100"},
      {"0,50", "1m", "the step '0' is not above 0 and at most 100"},
      {"-5", "1m", "the step '-5' is not above 0 and at most 100"},
      {"50,101", "1m", "the step '101' is not above 0 and at most 100"},
      {"50,25", "1m", "the step 25 comes after 50"},
      {"50,50", "1m", "the step 50 comes after 50"},
      {"100", "1m", "with 100 as its only step there is no stable version to compare with"},
      {"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20", "1m", "21 steps are too many"},
      {"5", "1s", "an interval of 1s is too short to judge by"},
      {"5", "25h", "an interval of 25h is too long"},
  };
  for (const auto& [steps, interval, message] : cases) {
    const auto result = parse_steps(steps, interval);
    INFO(steps << " " << interval);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == msctl::base::Code::usage);
    CHECK(result.error().message == message);
    CHECK_FALSE(result.error().expected.empty());
  }
  const auto unit = parse_steps("5", "5");
  REQUIRE_FALSE(unit);
  CHECK(unit.error().code == msctl::base::Code::usage);
  CHECK(unit.error().message.starts_with("the interval of the canary: "));
  CHECK(unit.error().suggestion == "did you mean '5s'?");
}
