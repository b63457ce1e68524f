#include "gateway/server/snapshot.h"

#include <algorithm>

namespace msctl::gateway::server {

Snapshot::Snapshot(config::Config from, filters::Shared& shared, telemetry::Registry& registry)
    : config(std::move(from)), table(config.routes), edge(config) {
  request_limits.bytes = config.limits.header_bytes;
  request_limits.target = std::min(request_limits.target, request_limits.bytes);
  for (const config::Upstream& upstream : config.upstreams) upstreams.push_back(upstream.name);
  filters::Prepared prepared(config);
  for (const config::Route& route : config.routes) {
    auto compiled = std::make_unique<CompiledRoute>(prepared, route, shared);
    compiled->timeout = route.timeout.value_or(config.defaults.timeout);
    compiled->idle_timeout = route.idle_timeout.value_or(config.defaults.idle_timeout);
    if (!route.respond) {
      compiled->upstream_name = route.upstream;
      auto found = std::ranges::find(upstreams, route.upstream);
      compiled->upstream = static_cast<int>(found - upstreams.begin());
      // A route whose upstream is not listed has no replica yet.
      if (found == upstreams.end()) upstreams.push_back(route.upstream);
    }
    compiled->number = registry.route_number(compiled->name, compiled->upstream_name);
    routes.push_back(std::move(compiled));
  }
}

}  // namespace msctl::gateway::server
