// Whom an API server's aggregation layer is known by, as it tells itself in the ConfigMap
// kube-system/extension-apiserver-authentication.
// https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
//
// It has asked who the client is, and whether he may, before it hands a request on: whoever holds its
// certificate is believed, and nobody else is served.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/kubernetes/cluster/cluster.h"

namespace msctl::kubernetes::external_metrics {

struct FrontProxy {
  std::string authorities;         // PEM: who signs its certificate
  std::vector<std::string> names;  // its common name is one of these; empty: any

  bool operator==(const FrontProxy&) const = default;
};

// Errors: metricsUnserved, for a cluster without an aggregation layer.
base::Result<FrontProxy> front_proxy_of(const Json& config_map);

}  // namespace msctl::kubernetes::external_metrics
