#include "runtime/workspace/to_gateway.h"

#include <algorithm>

#include "gateway/config/check.h"

namespace msctl::workspace {

gateway::config::Config to_gateway(const Workspace& workspace) {
  gateway::config::Config config = workspace.gateway;
  if (config.listeners.empty()) config.listeners.push_back({std::string(gateway::config::default_listener)});
  for (const Service& service : workspace.services)
    config.routes.insert(config.routes.end(), service.routes.begin(), service.routes.end());
  for (gateway::config::Route& route : config.routes)
    if (route.name.empty()) route.name = route.upstream.empty() ? "route" : route.upstream;
  gateway::config::make_names_unique(config.routes);
  // A route of msctl.yaml may name any service, so upstreams follow from the routes and not from where they
  // stand.
  for (const Service& service : workspace.services) {
    bool routed =
        std::ranges::any_of(config.routes, [&](const auto& route) { return route.upstream == service.name; });
    if (routed) config.upstreams.push_back({service.name, {}, service.at});
  }
  return config;
}

}  // namespace msctl::workspace
