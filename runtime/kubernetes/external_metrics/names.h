// What the adapter, the objects that are deployed for it, and those who look for it agree on.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace msctl::kubernetes::external_metrics {

inline constexpr const char* api_service = "v1beta1.external.metrics.k8s.io";
inline constexpr const char* group_version = "external.metrics.k8s.io/v1beta1";

inline constexpr const char* requests_per_second = "msctl-requests-per-second";
inline constexpr const char* concurrency = "msctl-concurrency";
inline constexpr const char* latency_p95 = "msctl-latency-p95";

// Labels of a metric's selector.
inline constexpr const char* workspace_label = "workspace";
inline constexpr const char* service_label = "service";

// The headless Service in front of all gateways of a workspace, where each tells of its traffic.
inline std::string gateways_of(std::string_view workspace) {
  return fmt::format("msctl-{}-gateway", workspace);
}

// Of a gateway: the Service that the API server reaches it by, and the Secret with the certificate for it.
inline std::string service_of(std::string_view gateway) {
  return fmt::format("{}-external-metrics", gateway);
}

}  // namespace msctl::kubernetes::external_metrics
