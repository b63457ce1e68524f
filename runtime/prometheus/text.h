// A page of /metrics as samples: Prometheus' text format, version 0.0.4.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
//
// Strict, since what is decided by these numbers must not rest on half a page: one that was cut short, or a
// line that is not understood, is an error and no sample. A page ends with a line feed; the same series twice
// on a page is an error.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::prometheus {

using Labels = std::map<std::string, std::string, std::less<>>;

struct Sample {
  std::string name;  // of a histogram with its suffix: "requests_seconds_bucket"
  Labels labels;
  double value = 0;  // may be infinite, or no number

  // Empty where it has none: the format makes no difference.
  const std::string& label(std::string_view name) const;
};

// Errors: badMetricsText, with the line.
base::Result<std::vector<Sample>> parse(std::string_view page);

}  // namespace msctl::prometheus
