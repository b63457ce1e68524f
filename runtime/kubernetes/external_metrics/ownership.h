// Whose the APIService v1beta1.external.metrics.k8s.io is. A cluster has one; workspaces, and adapters, there
// may be several.
//
// An administrator makes it, with msctl's label and without saying who serves it. Any gateway of msctl can
// serve all namespaces, so that it does not matter which one it names, as long as that one is there.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/base/clock.h"
#include "runtime/kubernetes/cluster/cluster.h"

namespace msctl::kubernetes::external_metrics {

struct Mine {
  std::string space;        // namespace
  std::string service;      // of the gateway's, for the API server
  std::string authorities;  // PEM
};

enum class Verdict : std::uint8_t {
  foreign,  // another adapter's: never touched
  current,  // names this gateway, and believes its certificate
  others,   // names another workspace's gateway that serves
  mine      // is to name this gateway: names none, one that is gone, or this one with an old certificate
};

// How long the one that it names may be gone: its Pods may just be replaced.
inline constexpr std::chrono::seconds patience_with_others{30};

Verdict verdict(const Json& api_service, const Mine& mine, base::WallTime now);

// The fields that make it mine, for server-side apply: nothing of the rest, and only of the state that was
// read.
Json claim(const Json& api_service, const Mine& mine);

}  // namespace msctl::kubernetes::external_metrics
