// The replicas behind Services, as EndpointSlices (discovery.k8s.io/v1) tell them: what the gateway balances
// over in a cluster.
//
// A Service's own address would do, and be worse: kube-proxy picks a replica for each connection, not for
// each request, and knows nothing of how busy it is.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gateway/config/types.h"
#include "runtime/kubernetes/cluster/cluster.h"

namespace msctl::kubernetes {

using Endpoints = std::map<std::string, std::vector<gateway::config::Endpoint>>;

// By Service; those that have slices but no replica that takes requests, with none. A replica that is about
// to end takes no new ones. Of a slice with several ports the one called "main", else the first.
Endpoints endpoints_of(const std::vector<const Json*>& slices);

// Tells them once at the beginning, and each time they are others, until `go_on` says no. Errors: those of
// watching.
Answer<void> follow_endpoints(Cluster& cluster, const std::function<void(const Endpoints&)>& changed,
                              const std::function<bool()>& go_on);

}  // namespace msctl::kubernetes
