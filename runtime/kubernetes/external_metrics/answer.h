// Requests of the aggregation layer, answered.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "runtime/base/clock.h"
#include "runtime/kubernetes/external_metrics/replicas.h"

namespace msctl::kubernetes::external_metrics {

struct Answer {
  int status = 200;
  std::string type = "application/json";
  std::string body = {};
};

// What a controller sees when there is no number: 503, with the reason in words, which becomes the message of
// the HPA's condition ScalingActive.
Answer answer(std::string_view path, std::string_view query,
              const std::function<base::Result<Sum>(const Query&)>& sum, const base::Clock& clock);

}  // namespace msctl::kubernetes::external_metrics
