// The steps of a canary: which share of the traffic the new version gets, and for how long.
#pragma once

#include <string_view>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace msctl::analysis {

struct Steps {
  std::vector<double> percentages;  // growing; the last is 100
  base::Duration interval{};        // of each step but the last, at least

  // Steps at which both versions serve, so that they can be compared.
  int judged() const { return static_cast<int>(percentages.size()) - 1; }
};

// "5,25,50,100" (also "5%, 25%", and without the 100, which is then added) and "1m". Errors (Code::usage)
// name the part that is wrong: not a number, 0 or more than 100, not growing, nothing to compare (100 alone),
// more than 20 steps; an interval that is none, under 5 s (too few slices to judge by) or over a day.
base::Result<Steps> parse_steps(std::string_view steps, std::string_view interval);

}  // namespace msctl::analysis
