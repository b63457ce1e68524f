// What it takes in a cluster that services can be scaled by what the gateway counts: the gateway serves
// external.metrics.k8s.io (runtime/kubernetes/external_metrics), and the API server finds it there.
#pragma once

#include "scaffolds/kubernetes/objects.h"
#include "scaffolds/kubernetes/pod.h"

namespace msctl::scaffolds::kubernetes {

// Some service of the workspace scales on requests, concurrency or latency.
bool needs_gateway_metrics(const containers::Containers& all);

// Turns the gateway's objects into those of one that serves them: arguments and port of its Deployment, what
// its NetworkPolicy lets through, and a Service more.
void serve_metrics(const containers::Containers& all, Objects& gateway);

// What the gateway's Role allows beside the rest: its own certificate is in a Secret that it makes.
std::vector<Json> metrics_rules(std::string_view gateway);

// For the whole cluster, and so for its administrator: the APIService, and that the gateway in `space` may
// say there where it is and read whom to believe. Each workspace brings the same APIService; none says whose
// gateway it is.
Objects metrics_access(std::string_view workspace, std::string_view space, std::string_view gateway);

}  // namespace msctl::scaffolds::kubernetes
