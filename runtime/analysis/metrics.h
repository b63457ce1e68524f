// The findings of one metric each; `judge` puts them together.
#pragma once

#include <vector>

#include "runtime/analysis/judge.h"

namespace msctl::analysis {

// What a look may spend.
struct Levels {
  double worse = 0;  // on all metrics together
  double pass = 0;   // on each: all must pass, so nothing is added up (Berger 1982)
};

Finding judge_errors(const Slices& slices, const Tolerances& tolerances, const Levels& levels);
std::vector<Finding> judge_latency(const Slices& slices, const Tolerances& tolerances, const Levels& levels);

// How many more requests the canary needs, for a finding that is open: until a version as good as the stable
// one passes with 90 %, where the stable's share is `stable` and a version at the limit has `limit` (normal
// approximation). If it should have passed by now, until what is seen now would be certain in either way.
double requests_needed(const Finding& finding, double stable, double limit);

}  // namespace msctl::analysis
