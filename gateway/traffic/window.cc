#include "gateway/traffic/window.h"

#include <algorithm>
#include <utility>

namespace msctl::gateway::traffic {
namespace {

// A counter that fell has begun anew: all that it has is new.
std::uint64_t growth(std::uint64_t before, std::uint64_t now) {
  return now < before ? now : now - before;
}

Flow flow(const Totals& before, const Totals& now, double seconds) {
  Flow out;
  out.requests = growth(before.requests, now.requests);
  out.errors = growth(before.errors, now.errors);
  out.in_flight = now.in_flight;
  for (std::size_t i = 0; i < out.buckets.size(); ++i)
    out.buckets[i] = growth(before.buckets[i], now.buckets[i]);
  // One request within a millisecond after the start is not a thousand a second, which an autoscaler would
  // make all the replicas of that it may.
  const double span = std::max(seconds, 1.0);
  out.per_second = static_cast<double>(out.requests) / span;
  out.errors_per_second = static_cast<double>(out.errors) / span;
  return out;
}

}  // namespace

void Window::note(base::Instant now, AllTotals totals) {
  const std::lock_guard lock(mutex_);
  notes_.push_back({now, std::move(totals)});
  // The second one is old enough: the first will not be asked for any more.
  while (notes_.size() > 1 && now - notes_[1].at >= length) notes_.pop_front();
}

Traffic Window::until(base::Instant now, const AllTotals& totals) const {
  static const AllTotals nothing;
  static const Totals none;
  const std::lock_guard lock(mutex_);
  const Note* from = notes_.empty() ? nullptr : &notes_.front();
  for (const Note& each : notes_)
    if (now - each.at >= length) from = &each;
  const AllTotals& before = from == nullptr ? nothing : from->totals;
  Traffic out;
  if (from != nullptr) out.seconds = std::chrono::duration<double>(now - from->at).count();
  for (const auto& [upstream, counted] : totals) {
    const auto known = before.find(upstream);
    out.upstreams[upstream] = flow(known == before.end() ? none : known->second, counted, out.seconds);
  }
  return out;
}

}  // namespace msctl::gateway::traffic
