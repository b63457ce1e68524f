// What goes through the gateways of a workspace, asked of each of their Pods, through the API server, once.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gateway/traffic/traffic.h"
#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/release/status.h"

namespace msctl::kubernetes {

struct GatewayTraffic {
  std::map<std::string, gateway::traffic::Flow, std::less<>> services;
  std::vector<std::string> notes;  // which gateways are not in it, and why
};

// `pods`: all of the workspace; those that are not gateways, or not ready, are not asked. What a canary gets
// is its service's.
GatewayTraffic ask_gateways(Cluster& cluster, const std::vector<const Json*>& pods);

// To each service what is known of it.
void add_traffic(const GatewayTraffic& traffic, release::Status& to);

}  // namespace msctl::kubernetes
