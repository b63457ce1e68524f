// The administrative interface: a small HTTP server of its own, on its own address or Unix socket, with a
// thread of its own. Never on the gateway's own listeners, and slow readers of it take nothing from the data
// plane.
//
//   GET /metrics        Prometheus text
//   GET /health/live    200 while the process serves
//   GET /health/ready   200, or 503 while it drains
//   GET /config         the configuration in force
//   GET /routes         its routes, most specific first
//   GET /traffic        what went to each upstream in the last half minute: gateway/traffic/document.h
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gateway/config/types.h"
#include "runtime/base/error.h"

namespace msctl::gateway::admin {

// Asked from the server's threads.
struct Sources {
  std::function<std::string()> metrics;
  std::function<bool()> ready;
  std::function<std::string()> config;   // YAML
  std::function<std::string()> routes;   // JSON
  std::function<std::string()> traffic;  // JSON
};

class Admin {
public:
  // Errors: gatewayCannotListen. A socket's file that nobody listens on any more is replaced; mode 0600.
  static base::Result<std::unique_ptr<Admin>> start(const config::Admin& at, Sources sources);
  virtual ~Admin() = default;
  // "127.0.0.1:9901", with the real port, or the socket's path.
  virtual std::string address() const = 0;
};

}  // namespace msctl::gateway::admin
