// Two proportions, compared within strata (slices of time): did the canary have more events (errors, slow
// requests) in its requests than the stable version in its own?
//
// Why strata: whatever both versions meet together, a burst or a dependency that is down, is in one slice for
// both, and cancels out there, also when the weights moved meanwhile (Mantel and Haenszel 1959; without it,
// Simpson's paradox).
#pragma once

#include <vector>

namespace msctl::analysis {

// Requests and events of both versions in one slice. Events may be parts of requests (interpolated in a
// bucket), but not for `more`.
struct Stratum {
  double stable = 0, stable_events = 0;
  double canary = 0, canary_events = 0;
};

struct Test {
  double p = 1;        // how likely what was seen, or more, is if the hypothesis holds
  double z = 0;        // in standard deviations, towards the rejection
  bool exact = false;  // from the exact distribution rather than the normal one
};

// Against the hypothesis that the canary has no more events than the stable version. Exact: given each
// slice's events, their split over the versions is hypergeometric, and the sum's distribution is computed
// (Fisher 1935 for one slice, Birch 1964, Gart 1970 for several). The normal approximation only where it does
// not matter (z below 2), or is as good (above 10,000 in variance).
Test more(const std::vector<Stratum>& strata);

// Against the hypothesis that the canary's share of events is greater than the stable's by `margin` or more:
// the stratified score test of Miettinen and Nurminen (1985), variance estimated under the hypothesis in the
// closed form of Farrington and Manning (1990), with a correction for continuity (half an event). A margin of
// 0 asks for strictly less.
Test within(const std::vector<Stratum>& strata, double margin);

// The stratified score without correction, at a difference: 0 where the difference is the best fit.
double score(const std::vector<Stratum>& strata, double difference);

// The difference in shares, canary minus stable, slices weighted by how much they tell (Mantel and Haenszel).
double difference(const std::vector<Stratum>& strata);

// The difference's interval at `confidence`, two-sided: the differences that the score does not reject.
struct Interval {
  double low = -1, high = 1;
};
Interval interval(const std::vector<Stratum>& strata, double confidence);

// Requests fail in clusters: the difference then scatters more from slice to slice than independent requests
// would. `factor` is by how much (variance), 1 unless Pearson's statistic rejects independence at 5 %; then
// the normal distribution gives way to Student's with `degrees` (quasi-likelihood: McCullagh and Nelder
// 1989, 4.5).
struct Dispersion {
  double factor = 1;
  double degrees = 0;
};
Dispersion dispersion(const std::vector<Stratum>& strata);

// The test with that allowance made: never a smaller p.
Test allow_for(const Test& test, const Dispersion& dispersion);

// Without the slice that speaks most against the canary.
std::vector<Stratum> without_worst(const std::vector<Stratum>& strata);

}  // namespace msctl::analysis
