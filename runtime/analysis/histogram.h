// What a histogram's buckets tell between their bounds, and what they do not.
//
// Between two bounds the logarithm of the time is taken to be normal: the shares at the bounds, as normal
// quantiles, are joined by straight lines over the logarithm. Times of services are skewed like that;
// Prometheus' own straight line (histogram_quantile) puts the quantiles of a tail near a bucket's upper
// bound. Where one bucket holds nearly all requests this is a guess, which `share_in_bucket` lets the caller
// see.
#pragma once

#include <cstddef>

#include "runtime/analysis/counts.h"

namespace msctl::analysis {

// The bucket that holds the quantile: an index into `cumulative`. Needs a request.
std::size_t bucket_of(const Histogram& histogram, double quantile);

// Seconds; infinity if it lies above the last bound.
double quantile(const Histogram& histogram, double quantile);

// How many requests took longer than `seconds`, estimated. Above the last bound: those that are above the
// bound.
double count_above(const Histogram& histogram, double seconds);

// The bucket that `seconds` lies in, and which part of the bucket's requests took longer.
struct Place {
  std::size_t bucket = 0;
  double beyond = 0;
};
Place place_of(const Histogram& histogram, double seconds);

// The count above a place, in another histogram of the same buckets (one slice, where the place is of the
// total).
double count_above(const Histogram& histogram, const Place& place);

double share_in_bucket(const Histogram& histogram, std::size_t bucket);

}  // namespace msctl::analysis
