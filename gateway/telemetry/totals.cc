// The counters by upstream: summed over threads and routes when somebody asks, never on a reactor.
#include <mutex>

#include "gateway/telemetry/counters.h"

namespace msctl::gateway::telemetry {
namespace {

constexpr int first_error = 500;

void add(const RouteCounters& route, traffic::Totals& to) {
  std::uint64_t answered = 0;
  for (std::size_t i = 0; i < to.buckets.size(); ++i) {
    to.buckets[i] += route.duration.bucket(i);
    answered += route.duration.bucket(i);
  }
  to.requests += answered;
  for (const auto* each = route.first(); each != nullptr; each = each->next.load(std::memory_order_acquire))
    if (each->status >= first_error) to.errors += each->count.value();
  // Read after those that were answered: what is begun meanwhile makes it too large for a moment, never
  // negative. It is none the less looked at, since the order of relaxed reads is nobody's promise.
  const std::uint64_t begun = route.begun.value();
  if (begun > answered) to.in_flight += begun - answered;
}

}  // namespace

traffic::AllTotals Registry::totals() const {
  traffic::AllTotals out;
  const std::lock_guard lock(mutex_);
  for (std::size_t number = 1; number < names_.size(); ++number) {
    if (names_[number].upstream.empty()) continue;
    traffic::Totals& to = out[names_[number].upstream];
    for (const auto& thread : threads_)
      if (number < thread->routes.size() && thread->routes[number]) add(*thread->routes[number], to);
  }
  return out;
}

}  // namespace msctl::gateway::telemetry
