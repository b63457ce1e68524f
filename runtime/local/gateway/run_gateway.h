// The gateway of a run: the gateway itself, its administrative interface with the services' metrics beside
// its own, and its access log.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gateway/admin/admin.h"
#include "gateway/server/gateway.h"
#include "runtime/local/gateway/access_file.h"
#include "runtime/local/gateway/recorder.h"
#include "runtime/local/gateway/service_metrics.h"

namespace msctl::local {

struct RunGatewayOptions {
  gateway::config::Config config;
  std::string logs;  // the folder of the run's logs
  RecorderOptions recorder;
};

class RunGateway {
public:
  // Listening when it returns. Errors: portTaken with who has the port, gatewayCannotListen, cannotWrite (of
  // the recording).
  static base::Result<std::unique_ptr<RunGateway>> start(RunGatewayOptions options);
  ~RunGateway();
  // The administrative interface: at this socket, where the configuration names no address and no socket.
  // Apart, because nobody waits for it as for the services.
  base::Result<void> open_admin(const std::string& socket);
  RunGateway(const RunGateway&) = delete;
  RunGateway& operator=(const RunGateway&) = delete;

  void set_endpoints(const gateway::server::Gateway::Endpoints& of_upstreams);
  // See Gateway::close_gate: requests for the service wait. From any thread.
  void close_gate(const std::string& service, base::Duration patience) {
    gateway_->close_gate(service, patience);
  }
  void open_gates(const std::vector<std::string>& services) { gateway_->open_gates(services); }
  void tell_services(const std::vector<Service>& services) { metrics_.update(services); }

  // Of the first listener, reachable from this machine: "http://127.0.0.1:8080"; empty without a listener.
  std::string url() const;
  // The socket's path, or an address; empty before it is open.
  std::string admin() const { return admin_ ? admin_->address() : std::string(); }

private:
  explicit RunGateway(const RunGatewayOptions& options) : access_(access_log_path(options.logs)) {}
  base::Result<void> open(RunGatewayOptions options);

  AccessFile access_;
  ServiceMetrics metrics_;
  gateway::config::Config config_;
  std::unique_ptr<Recorder> recorder_;  // null: nobody looks
  std::unique_ptr<gateway::server::Gateway> gateway_;
  std::unique_ptr<gateway::admin::Admin> admin_;  // the last: its thread uses the others
};

}  // namespace msctl::local
