#include "runtime/analysis/spending.h"

#include <cmath>

namespace msctl::analysis {
namespace {

// The part for the `interval`-th interval: 80 %, 10 %, 5 %, …: all of it together is 1.
double part(int interval) {
  return interval == 1 ? 0.8 : 0.2 * std::ldexp(1.0, 1 - interval);
}

}  // namespace

double spent_at(int look, int planned, double total) {
  if (look < 1) return 0;
  return total * part((look - 1) / planned + 1) / planned;
}

double spent_at_end(int look, int planned, double total) {
  if (look < 1 || look % planned != 0) return 0;
  return total * part(look / planned);
}

}  // namespace msctl::analysis
