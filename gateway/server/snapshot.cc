#include "gateway/server/snapshot.h"

#include <algorithm>
#include <cmath>

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
    compiled->own = destination(route.name, route.respond ? "" : route.upstream, registry);
    double percent = 0;
    for (const config::Share& share : route.split) {
      percent += share.percent;
      compiled->split.push_back(destination(route.name, share.upstream, registry));
      compiled->split.back().below =
          static_cast<std::uint32_t>(std::lround(percent / 100 * CompiledRoute::draws));
    }
    routes.push_back(std::move(compiled));
  }
}

Destination Snapshot::destination(const std::string& route, const std::string& upstream,
                                  telemetry::Registry& registry) {
  Destination out;
  out.number = registry.route_number(route, upstream);
  if (upstream.empty()) return out;
  out.upstream_name = upstream;
  auto found = std::ranges::find(upstreams, upstream);
  out.upstream = static_cast<int>(found - upstreams.begin());
  // A route whose upstream is not listed has no replica yet.
  if (found == upstreams.end()) upstreams.push_back(upstream);
  return out;
}

}  // namespace msctl::gateway::server
