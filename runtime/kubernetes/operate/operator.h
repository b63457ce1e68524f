// An environment in a cluster as an Orchestrator: what `status`, `logs`, `scale`, `restart` and `wait` act on
// with -e.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "runtime/base/clock.h"
#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/release/orchestrator.h"

namespace msctl::kubernetes {

namespace deploy {
class Seen;
}

struct OperatorOptions {
  std::string workspace;
  std::string environment;
  base::Duration lock_timeout = std::chrono::seconds(30);
  std::function<bool()> interrupted;
  std::function<void(base::Duration)> sleep;
};

class Operator final : public release::Orchestrator {
public:
  Operator(std::unique_ptr<Cluster> cluster, const base::Clock& clock, OperatorOptions options)
      : cluster_(std::move(cluster)), clock_(clock), options_(std::move(options)) {}

  base::Result<release::Status> status() override;
  base::Result<void> watch(const std::function<bool(const release::Status&)>& seen,
                           const std::function<bool()>& idle) override;
  base::Result<void> logs(const release::LogQuery& query,
                          const std::function<bool(const release::LogLine&)>& line) override;
  // Of a service that an autoscaler has: a number beyond its bounds moves the bound. Errors: autoscaled for
  // one within them, deployLocked, unknownName.
  base::Result<void> scale(const std::map<std::string, int>& replicas) override;
  base::Result<void> restart(const std::vector<std::string>& services) override;
  // A cluster's services are taken away by deploying without them. Error: usage.
  base::Result<void> stop(const std::vector<std::string>& services) override;
  base::Result<void> wait(const std::vector<std::string>& services, release::WaitFor what,
                          base::Duration timeout) override;

private:
  release::Status status_of(const deploy::Seen& seen, const std::string& url) const;
  std::string gateway_url();  // empty: it has none

  std::unique_ptr<Cluster> cluster_;
  const base::Clock& clock_;
  OperatorOptions options_;
};

}  // namespace msctl::kubernetes
