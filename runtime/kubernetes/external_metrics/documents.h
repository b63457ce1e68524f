// The documents of external.metrics.k8s.io/v1beta1.
// https://pkg.go.dev/k8s.io/metrics/pkg/apis/external_metrics/v1beta1
#pragma once

#include <string>

#include "gateway/traffic/traffic.h"
#include "runtime/base/clock.h"
#include "runtime/kubernetes/external_metrics/query.h"

namespace msctl::kubernetes::external_metrics {

std::string group_document();      // APIGroup
std::string resources_document();  // APIResourceList: one resource a metric, as HPAs ask for them
std::string status_document(const Refused& refused);

// ExternalMetricValueList with one value: requests a second, requests, or seconds, over all gateways.
std::string values_document(const Query& query, const gateway::traffic::Flow& flow, double seconds,
                            base::WallTime now);

// A quantity in thousandths: 0.25 is "250m"; what is smaller than half of one is "0".
std::string quantity(double value);

}  // namespace msctl::kubernetes::external_metrics
