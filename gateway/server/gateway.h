// The gateway as a part of another program: `msctl run` embeds it, `msctl gateway run` is little more than
// this and signals.
//
// Threads: one reactor a thread, each with its own listening sockets, connections, upstream pool and
// counters. All members may be called from any thread; none of them waits for traffic.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/types.h"
#include "gateway/server/witness.h"
#include "gateway/traffic/traffic.h"
#include "runtime/base/error.h"

namespace msctl::gateway::server {

struct Options {
  int threads = 0;  // 0: one for each processor that this process may use
  // Takes finished lines of the access log (JSON, with line break), from a thread of the gateway's own, never
  // from a reactor. Empty: no access log.
  std::function<void(std::string_view lines)> access_log;
  Witness* witness = nullptr;  // outlives the gateway; null: none
};

class Gateway {
public:
  // Listening when it returns. Errors: gatewayCannotListen with who owns the port, where that can be told.
  static base::Result<std::unique_ptr<Gateway>> start(config::Config config, Options options);
  virtual ~Gateway() = default;

  // Takes a new configuration in. Requests under way end by the one they began with; connections stay open.
  // On an error (a new listener that cannot be opened) the old one stays in force, whole.
  virtual base::Result<void> reload(config::Config config) = 0;

  // Replaces the endpoints of upstreams: those not named any more get no new request. Unknown upstreams are
  // ignored. Does not wait for the reactors.
  using Endpoints = std::map<std::string, std::vector<config::Endpoint>>;
  virtual void set_endpoints(const Endpoints& of_upstreams) = 0;

  // Requests for the upstream wait, each at most that long (then 503), until the gate is opened. A request
  // that is dispatched after close_gate has returned waits.
  virtual void close_gate(const std::string& upstream, base::Duration patience) = 0;
  virtual void open_gates(const std::vector<std::string>& upstreams) = 0;

  // Where it listens, in the order of the configuration: "127.0.0.1:8080", with the real port.
  virtual std::vector<std::string> addresses() const = 0;

  // Prometheus text format.
  virtual std::string metrics() const = 0;
  // By upstream, since the start.
  virtual traffic::AllTotals totals() const = 0;

  // Stops accepting, tells clients to close, and returns when no request is under way or the time is up (then
  // cuts the rest).
  virtual void drain(base::Duration limit) = 0;
};

}  // namespace msctl::gateway::server
