#include "gateway/traffic/traffic.h"

namespace msctl::gateway::traffic {

void Flow::add(const Flow& other) {
  requests += other.requests;
  errors += other.errors;
  in_flight += other.in_flight;
  for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
  per_second += other.per_second;
  errors_per_second += other.errors_per_second;
}

double Flow::quantile(double part) const {
  double all = 0;
  for (const std::uint64_t each : buckets) all += static_cast<double>(each);
  if (all == 0) return 0;
  const double rank = part * all;
  double below = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const auto here = static_cast<double>(buckets[i]);
    if (here > 0 && below + here >= rank) {
      const double from = i == 0 ? 0 : bounds[i - 1];
      return from + (bounds[i] - from) * (rank - below) / here;
    }
    below += here;
  }
  return bounds.back();
}

}  // namespace msctl::gateway::traffic
