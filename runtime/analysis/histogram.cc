#include "runtime/analysis/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/analysis/distributions.h"

namespace msctl::analysis {
namespace {

// No request takes less than a tenth of the first bound, as far as interpolation goes.
constexpr double kFirstWidth = 10;

double lower_bound_of(const Histogram& h, std::size_t bucket) {
  return bucket == 0 ? h.bounds[0] / kFirstWidth : h.bounds[bucket - 1];
}

double count_below(const Histogram& h, std::size_t bucket) {
  return bucket == 0 ? 0 : static_cast<double>(h.cumulative[bucket - 1]);
}

// A share as a normal quantile; none and all are half a request away from it.
double as_normal(double count, double all) {
  return normal_quantile(std::clamp(count, 0.5, std::max(0.5, all - 0.5)) / all);
}

// The ends of a bucket, as the line between them needs them.
struct Line {
  double log_low, log_high, z_low, z_high;
};

Line line_of(const Histogram& h, std::size_t bucket) {
  const auto all = static_cast<double>(h.count());
  return {std::log(lower_bound_of(h, bucket)), std::log(h.bounds[bucket]),
          as_normal(count_below(h, bucket), all), as_normal(static_cast<double>(h.cumulative[bucket]), all)};
}

}  // namespace

std::size_t bucket_of(const Histogram& histogram, double quantile) {
  const double rank = quantile * static_cast<double>(histogram.count());
  std::size_t bucket = 0;
  while (bucket + 1 < histogram.cumulative.size() && static_cast<double>(histogram.cumulative[bucket]) < rank)
    ++bucket;
  return bucket;
}

double quantile(const Histogram& histogram, double quantile) {
  const std::size_t bucket = bucket_of(histogram, quantile);
  if (bucket == histogram.bounds.size()) return std::numeric_limits<double>::infinity();
  const Line line = line_of(histogram, bucket);
  if (line.z_high <= line.z_low) return histogram.bounds[bucket];
  const double part = (normal_quantile(quantile) - line.z_low) / (line.z_high - line.z_low);
  return std::exp(line.log_low + std::clamp(part, 0.0, 1.0) * (line.log_high - line.log_low));
}

Place place_of(const Histogram& histogram, double seconds) {
  Place place;
  // A time at a bound belongs to the bucket below, none of which is beyond it.
  place.bucket = static_cast<std::size_t>(std::ranges::lower_bound(histogram.bounds, seconds) -
                                          histogram.bounds.begin());
  if (place.bucket == histogram.bounds.size()) {
    place.beyond = 1;
    return place;
  }
  if (seconds == histogram.bounds[place.bucket]) return place;  // nothing to interpolate
  const double low = lower_bound_of(histogram, place.bucket);
  if (seconds <= low) {
    place.beyond = 1;
    return place;
  }
  const Line line = line_of(histogram, place.bucket);
  const double part = (std::log(seconds) - line.log_low) / (line.log_high - line.log_low);
  const double here = normal_tail(line.z_low + part * (line.z_high - line.z_low));
  const double high = normal_tail(line.z_high);
  const double whole = normal_tail(line.z_low) - high;
  place.beyond = whole > 0 ? std::clamp((here - high) / whole, 0.0, 1.0) : 1 - part;
  return place;
}

double count_above(const Histogram& histogram, const Place& place) {
  if (histogram.cumulative.empty()) return 0;
  const auto upto = static_cast<double>(histogram.cumulative[place.bucket]);
  const double in_bucket = upto - count_below(histogram, place.bucket);
  return static_cast<double>(histogram.count()) - upto + place.beyond * in_bucket;
}

double count_above(const Histogram& histogram, double seconds) {
  return count_above(histogram, place_of(histogram, seconds));
}

double share_in_bucket(const Histogram& histogram, std::size_t bucket) {
  const auto upto = static_cast<double>(histogram.cumulative[bucket]);
  return (upto - count_below(histogram, bucket)) / static_cast<double>(histogram.count());
}

}  // namespace msctl::analysis
