#include "runtime/analysis/counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace msctl::analysis {
namespace {

std::uint64_t grown(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : now;
}

Counts grown(const Counts& before, const Counts& now) {
  Counts result;
  result.latency.bounds = now.latency.bounds;
  // One process has all of a version's counters: if one fell, all began anew.
  const bool anew = now.requests < before.requests || now.errors < before.errors ||
                    now.latency.count() < before.latency.count();
  const bool histogram_before = !anew && !before.latency.cumulative.empty();
  result.requests = anew ? now.requests : grown(before.requests, now.requests);
  result.errors = anew ? now.errors : grown(before.errors, now.errors);
  for (std::size_t i = 0; i < now.latency.cumulative.size(); ++i)
    result.latency.cumulative.push_back(
        grown(histogram_before ? before.latency.cumulative[i] : 0, now.latency.cumulative[i]));
  return result;
}

base::Result<void> check(const std::string& source, std::string_view version, const Counts& counts) {
  auto wrong = [&](std::string_view what) {
    return base::fail(base::Code::badCounters,
                      fmt::format("the gateway {} counts for the {} version {}", source, version, what));
  };
  if (counts.errors > counts.requests)
    return wrong(fmt::format("{} errors in {} requests", counts.errors, counts.requests));
  const auto& [bounds, cumulative] = counts.latency;
  if (cumulative.empty() && bounds.empty()) return {};
  if (cumulative.size() != bounds.size() + 1)
    return wrong(fmt::format("{} buckets for {} bounds", cumulative.size(), bounds.size()));
  if (!bounds.empty() && !(bounds.front() > 0)) return wrong("requests that took no time");
  if (std::ranges::adjacent_find(bounds, std::greater_equal()) != bounds.end())
    return wrong("in buckets whose bounds do not grow");
  if (!std::ranges::is_sorted(cumulative)) return wrong("in buckets that are not cumulative");
  return {};
}

}  // namespace

void add(Counts& to, const Counts& from) {
  to.requests += from.requests;
  to.errors += from.errors;
  if (from.latency.cumulative.empty()) return;
  if (to.latency.cumulative.empty()) {
    to.latency = from.latency;
    return;
  }
  for (std::size_t i = 0; i < to.latency.cumulative.size() && i < from.latency.cumulative.size(); ++i)
    to.latency.cumulative[i] += from.latency.cumulative[i];
}

base::Result<void> Slices::check(const Reading& reading) const {
  if (reading.at < last_)
    return base::fail(base::Code::badCounters,
                      fmt::format("the reading of {} is older than the one before", reading.source));
  if (auto ok = analysis::check(reading.source, "stable", reading.counters.stable); !ok) return ok;
  if (auto ok = analysis::check(reading.source, "new", reading.counters.canary); !ok) return ok;
  return {};
}

base::Result<void> Slices::add(const std::vector<Reading>& round) {
  auto bounds = bounds_;
  auto last = last_;
  for (const Reading& reading : round) {
    if (auto ok = check(reading); !ok) return ok;
    last = std::max(last, reading.at);
    for (const Counts* counts : {&reading.counters.stable, &reading.counters.canary}) {
      const Histogram& latency = counts->latency;
      if (latency.cumulative.empty()) continue;
      if (bounds.empty()) bounds = latency.bounds;
      if (bounds != latency.bounds)
        return base::fail(
            base::Code::badCounters,
            fmt::format("the gateway {} counts in other buckets than those before", reading.source));
    }
  }
  bounds_ = bounds;
  last_ = last;
  Both slice;
  bool counted = false;
  for (const Reading& reading : round) {
    if (reading.at < warm_up_) continue;
    if (!first_) first_ = reading.at;
    const auto before = before_.find(reading.source);
    if (before != before_.end()) {
      analysis::add(slice.stable, grown(before->second.stable, reading.counters.stable));
      analysis::add(slice.canary, grown(before->second.canary, reading.counters.canary));
      counted = true;
    }
    before_[reading.source] = reading.counters;
  }
  if (counted) slices_.push_back(std::move(slice));
  return {};
}

base::Duration Slices::span() const {
  return first_ ? last_ - *first_ : base::Duration{};
}

Both Slices::total() const {
  Both result;
  for (const Both& slice : slices_) {
    analysis::add(result.stable, slice.stable);
    analysis::add(result.canary, slice.canary);
  }
  return result;
}

}  // namespace msctl::analysis
