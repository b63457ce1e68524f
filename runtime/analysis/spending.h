// How much of a permitted error each look may use.
//
// Who looks twelve times at 1 % errs far more often than once in a hundred. Here an error of `total` is spent
// (Lan and DeMets 1983, along the time of the calendar): 80 % evenly over the planned looks,
// 10 %, 5 %, … over as many looks again each. The parts add up to at most `total`, and by Bonferroni's
// inequality so does the chance of erring at any look, however the looks depend on each other. That needs no
// estimate of the traffic to come and holds for exact tests; it costs about a sixth more requests than
// boundaries that know the looks' correlation. Evenly, not mostly at the end as O'Brien and Fleming: a bad
// version shall be found early.
#pragma once

namespace msctl::analysis {

// `look` counts from 1.
double spent_at(int look, int planned, double total);

// All at the last look of each interval of `planned` looks, for who does not decide in between.
double spent_at_end(int look, int planned, double total);

}  // namespace msctl::analysis
