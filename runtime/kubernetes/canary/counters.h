// What one gateway has counted of a service and of its canary, out of its page of metrics.
#pragma once

#include <string_view>
#include <vector>

#include "runtime/analysis/counts.h"
#include "runtime/kubernetes/canary/choice.h"
#include "runtime/prometheus/text.h"

namespace msctl::kubernetes::canary {

// Of the routes that are split. What the gateway has not counted yet is zero. Errors: badMetricsText where a
// bucket has no bound, or a count is no whole number.
base::Result<analysis::Both> counters_of(const std::vector<prometheus::Sample>& page, const Subject& subject);

}  // namespace msctl::kubernetes::canary
