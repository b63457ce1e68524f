// The adapter that serves external.metrics.k8s.io from within a gateway: a server for the API server, and
// what keeps its certificates and its place in the cluster in order.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "cli/context.h"
#include "runtime/base/error.h"
#include "runtime/http/client.h"
#include "runtime/https/server.h"
#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/kubernetes/external_metrics/keeper.h"

namespace msctl::cli::cluster {

struct ExternalMetricsAt {
  std::string address;    // "0.0.0.0:10250"
  std::string workspace;  // its name
  std::string gateway;    // as its objects are called
  int admin_port = 0;     // of every gateway of the cluster
};

class ExternalMetrics {
public:
  // What goes wrong later is told on stderr, each thing once for as long as it is so. Errors: those of the
  // kubeconfig, gatewayCannotListen.
  static base::Result<std::unique_ptr<ExternalMetrics>> start(Context& context, const ExternalMetricsAt& at);
  ~ExternalMetrics();
  ExternalMetrics(const ExternalMetrics&) = delete;
  ExternalMetrics& operator=(const ExternalMetrics&) = delete;

  std::string address() const { return server_->address(); }

private:
  ExternalMetrics(Context& context, const ExternalMetricsAt& at, std::unique_ptr<kubernetes::Cluster> own,
                  std::unique_ptr<kubernetes::Cluster> system);
  https::Answer answer(const https::Request& request);
  void keep();
  void look();

  Context& context_;
  std::unique_ptr<kubernetes::Cluster> own_, system_;
  kubernetes::external_metrics::Keeper keeper_;
  int admin_port_;
  http::Client replicas_;
  std::unique_ptr<https::Server> server_;
  https::Credentials used_;

  std::mutex mutex_;
  std::condition_variable ending_;
  bool ended_ = false;
  std::thread thread_;  // ends first
};

}  // namespace msctl::cli::cluster
