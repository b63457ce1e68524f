#include "runtime/local/gateway/service_metrics.h"

#include "gateway/telemetry/exposition.h"

namespace msctl::local {

void ServiceMetrics::update(const std::vector<Service>& services) {
  std::map<std::string, Counts> counts;
  for (const Service& service : services) {
    if (service.spec.external) continue;
    Counts& its = counts[service.spec.name];
    its.restarts = service.restarts;
    // A state that was and is no more is told as zero, not left to go stale.
    for (State state :
         {State::starting, State::ready, State::unready, State::backoff, State::stopping, State::failed})
      its.replicas[state] = 0;
    for (const Replica& replica : service.replicas) ++its.replicas[replica.state];
  }
  std::lock_guard lock(mutex_);
  counts_ = std::move(counts);
}

std::string ServiceMetrics::text() const {
  using gateway::telemetry::Metric, gateway::telemetry::MetricType;
  Metric replicas("msctl_service_replicas", "Replicas of a service in a state.", MetricType::gauge);
  Metric restarts("msctl_service_restarts_total", "Replicas started again after their process had ended.",
                  MetricType::counter);
  std::lock_guard lock(mutex_);
  for (const auto& [service, counts] : counts_) {
    for (const auto& [state, count] : counts.replicas)
      replicas.add({{"service", service}, {"state", std::string(release::to_string(state))}}, count);
    restarts.add({{"service", service}}, counts.restarts);
  }
  return replicas.text() + restarts.text();
}

}  // namespace msctl::local
