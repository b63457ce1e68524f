// What the run tells of its services to Prometheus: written by the run's loop, read by the administrative
// interface's thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/local/supervisor/types.h"

namespace msctl::local {

class ServiceMetrics {
public:
  void update(const std::vector<Service>& services);

  // msctl_service_replicas{service,state} and msctl_service_restarts_total{service}.
  std::string text() const;

private:
  struct Counts {
    std::map<State, int> replicas;
    int restarts = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Counts> counts_;
};

}  // namespace msctl::local
