// The traffic of a service over all gateways of its workspace.
//
// Either all of them answer, or there is no number: one that is too small would have an autoscaler take
// replicas away. Where a metric cannot be read, the controller leaves the number as it is, or lets other
// metrics only add
// (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details: "if any of
// these metrics cannot be converted … scaling is skipped").
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gateway/traffic/traffic.h"
#include "runtime/base/error.h"
#include "runtime/http/transport.h"
#include "runtime/kubernetes/external_metrics/query.h"

namespace msctl::kubernetes::external_metrics {

struct Sum {
  gateway::traffic::Flow flow;
  double seconds = 0;  // of the replica that looked at the fewest
};

// All addresses of a host; empty where there is none of that name.
using Resolve = std::function<base::Result<std::vector<std::string>>(const std::string& host)>;
// Through the system: as many addresses as it tells.
base::Result<std::vector<std::string>> resolve_all(const std::string& host);

class Replicas {
public:
  // `port`: of the administrative interface.
  Replicas(http::Transport& transport, Resolve resolve, int port)
      : transport_(transport), resolve_(std::move(resolve)), port_(port) {}

  // Of the service and its canary. A service without traffic has 0 of everything. Errors: gatewaysSilent,
  // which names those that did not answer.
  base::Result<Sum> ask(const Query& query);

private:
  base::Result<gateway::traffic::Traffic> ask_one(const std::string& address);

  http::Transport& transport_;
  Resolve resolve_;
  int port_;
};

}  // namespace msctl::kubernetes::external_metrics
