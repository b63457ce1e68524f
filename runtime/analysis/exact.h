// The exact distribution behind `more` (proportions.h).
#pragma once

#include <vector>

#include "runtime/analysis/proportions.h"

namespace msctl::analysis {

// The probability that the canary gets as many events as it had, or more, if each slice's events fell on its
// requests by chance alone. Costs about 24 σ times the widths of the slices; good down to 1e-20.
double exact_tail(const std::vector<Stratum>& strata);

}  // namespace msctl::analysis
