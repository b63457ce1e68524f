// The counters as Prometheus text: summed over the threads when somebody asks, never on a reactor.
#include <array>
#include <map>
#include <mutex>

#include "gateway/telemetry/counters.h"
#include "gateway/telemetry/exposition.h"

namespace msctl::gateway::telemetry {
namespace {

struct Sum {
  std::array<std::uint64_t, Histogram::bounds.size() + 1> buckets{};
  double seconds = 0;
  std::uint64_t count = 0;
  void add(const Histogram& histogram) {
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      buckets[i] += histogram.bucket(i);
      count += histogram.bucket(i);
    }
    seconds += static_cast<double>(histogram.sum_nanoseconds()) / 1e9;
  }
};

void add_histogram(Metric& to, const Labels& labels, const Sum& sum) {
  if (sum.count != 0) to.add_histogram(labels, Histogram::bounds, sum.buckets, sum.seconds);
}

}  // namespace

std::string Registry::text() const {
  Metric requests("msctl_gateway_requests_total", "Requests answered.", MetricType::counter);
  Metric duration("msctl_gateway_request_duration_seconds",
                  "From a request's first byte to its answer's last.", MetricType::histogram);
  Metric upstream_duration("msctl_gateway_upstream_duration_seconds",
                           "From choosing a replica to the head of its answer.", MetricType::histogram);
  Metric connections("msctl_gateway_connections", "Open connections.", MetricType::gauge);
  Metric rejected("msctl_gateway_rejected_total", "Requests that the gateway answered itself with an error.",
                  MetricType::counter);
  Metric dropped("msctl_gateway_access_log_dropped_total",
                 "Lines of the access log dropped because its writer was behind.", MetricType::counter);

  std::lock_guard lock(mutex_);
  for (std::size_t number = 0; number < names_.size(); ++number) {
    const Name& name = names_[number];
    Sum total, upstream_total;
    std::map<std::pair<Method, int>, std::uint64_t> series;
    std::array<std::uint64_t, RouteCounters::codes> codes{};
    for (const auto& thread : threads_) {
      if (number >= thread->routes.size() || !thread->routes[number]) continue;
      const RouteCounters& route = *thread->routes[number];
      total.add(route.duration);
      upstream_total.add(route.upstream_duration);
      for (const auto* each = route.first(); each != nullptr;
           each = each->next.load(std::memory_order_acquire))
        series[{each->method, each->status}] += each->count.value();
      for (std::size_t i = 0; i < codes.size(); ++i) codes[i] += route.rejected_count(i);
    }
    Labels labels{{"route", name.route}, {"upstream", name.upstream}};
    for (const auto& [key, count] : series)
      requests.add({{"route", name.route},
                    {"upstream", name.upstream},
                    {"method", std::string(to_string(key.first))},
                    {"status", std::to_string(key.second)}},
                   static_cast<double>(count));
    add_histogram(duration, labels, total);
    add_histogram(upstream_duration, labels, upstream_total);
    for (std::size_t i = 0; i < codes.size(); ++i)
      if (codes[i] != 0)
        rejected.add(
            {{"route", name.route}, {"reason", std::string(reason(static_cast<base::Code>(3000 + i)))}},
            static_cast<double>(codes[i]));
  }
  std::uint64_t clients = 0, upstreams = 0, lines = 0;
  for (const auto& thread : threads_) {
    clients += thread->client_opened.value() - thread->client_closed.value();
    upstreams += thread->upstream_opened.value() - thread->upstream_closed.value();
    lines += thread->log_lines_dropped.value();
  }
  connections.add({{"side", "client"}}, static_cast<double>(clients));
  connections.add({{"side", "upstream"}}, static_cast<double>(upstreams));
  dropped.add({}, static_cast<double>(lines));
  std::string out;
  for (const Metric* each : {&requests, &duration, &upstream_duration, &connections, &rejected, &dropped})
    out += each->text();
  return out;
}

}  // namespace msctl::gateway::telemetry
