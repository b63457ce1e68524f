// A configuration compiled for serving: immutable, shared by all reactors, swapped whole.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/config/types.h"
#include "gateway/filters/chain/chain.h"
#include "gateway/http1/head.h"
#include "gateway/router/table.h"
#include "gateway/telemetry/counters.h"
#include "gateway/upstream/group.h"

namespace msctl::gateway::server {

// Where requests of a route go.
struct Destination {
  int upstream = -1;  // index into Snapshot::upstreams; -1: the route's chain answers
  std::string upstream_name;
  std::size_t number = 0;   // in the metrics
  std::uint32_t below = 0;  // of a draw below `draws`: those under it, and not under that of the one before
};

struct CompiledRoute {
  CompiledRoute(const filters::Prepared& prepared, const config::Route& from, filters::Shared& shared)
      : name(from.name), chain(prepared, from, shared) {}
  std::string name;
  filters::Chain chain;
  static constexpr std::uint32_t draws = 10'000;
  Destination own;
  std::vector<Destination> split;  // parts that go elsewhere
  base::Duration timeout{}, idle_timeout{};
};

struct Snapshot {
  explicit Snapshot(config::Config from, filters::Shared& shared, telemetry::Registry& registry);
  const config::Config config;
  const router::Table table;
  const filters::Edge edge;
  std::vector<std::unique_ptr<const CompiledRoute>> routes;  // as in the configuration
  std::vector<std::string> upstreams;
  http1::HeadLimits request_limits;

private:
  Destination destination(const std::string& route, const std::string& upstream,
                          telemetry::Registry& registry);
};

// A snapshot as one reactor holds it. Requests pin it without touching memory that other reactors write.
struct View {
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<upstream::Group*> groups;  // side by side with Snapshot::upstreams
  // Side by side with Snapshot::routes; of each its own destination first, then those of its split.
  std::vector<std::vector<telemetry::RouteCounters*>> counters;
  std::uint32_t pins = 0;  // requests under way, and 1 while it is the current one
  void pin() { ++pins; }
  std::function<void(const View&)> at_end;
  void unpin() {
    if (--pins != 0) return;
    if (at_end) at_end(*this);
    delete this;
  }
};

}  // namespace msctl::gateway::server
