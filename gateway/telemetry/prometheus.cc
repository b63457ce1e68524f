// The counters as Prometheus text: summed over the threads when somebody asks, never on a reactor.
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <map>
#include <tuple>

#include "gateway/telemetry/counters.h"

namespace msctl::gateway::telemetry {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

MetricFamily family(std::string name, std::string help, MetricType type) {
  return {std::move(name), std::move(help), type, {}};
}

void add_value(MetricFamily& to, Labels labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  if (to.type == MetricType::Counter)
    metric.counter.value = value;
  else
    metric.gauge.value = value;
  to.metric.push_back(std::move(metric));
}

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

void add_histogram(MetricFamily& to, Labels labels, const Sum& sum) {
  if (sum.count == 0) return;
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.histogram.sample_count = sum.count;
  metric.histogram.sample_sum = sum.seconds;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < sum.buckets.size(); ++i) {
    cumulative += sum.buckets[i];
    double bound = i < Histogram::bounds.size() ? Histogram::bounds[i] : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({cumulative, bound});
  }
  to.metric.push_back(std::move(metric));
}

}  // namespace

std::string Registry::text() const {
  auto requests = family("msctl_gateway_requests_total", "Requests answered.", MetricType::Counter);
  auto duration = family("msctl_gateway_request_duration_seconds", "From a request's first byte to its answer's last.", MetricType::Histogram);
  auto upstream_duration = family("msctl_gateway_upstream_duration_seconds", "From choosing a replica to the head of its answer.", MetricType::Histogram);
  auto connections = family("msctl_gateway_connections", "Open connections.", MetricType::Gauge);
  auto rejected = family("msctl_gateway_rejected_total", "Requests that the gateway answered itself with an error.", MetricType::Counter);
  auto dropped = family("msctl_gateway_access_log_dropped_total", "Lines of the access log dropped because its writer was behind.", MetricType::Counter);

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
      for (const auto* each = route.first(); each != nullptr; each = each->next.load(std::memory_order_acquire))
        series[{each->method, each->status}] += each->count.value();
      for (std::size_t i = 0; i < codes.size(); ++i) codes[i] += route.rejected_count(i);
    }
    Labels labels{{"route", name.route}, {"upstream", name.upstream}};
    for (const auto& [key, count] : series)
      add_value(requests,
                {{"route", name.route}, {"upstream", name.upstream}, {"method", std::string(to_string(key.first))}, {"status", std::to_string(key.second)}},
                static_cast<double>(count));
    add_histogram(duration, labels, total);
    add_histogram(upstream_duration, labels, upstream_total);
    for (std::size_t i = 0; i < codes.size(); ++i)
      if (codes[i] != 0)
        add_value(rejected, {{"route", name.route}, {"reason", std::string(reason(static_cast<base::Code>(3000 + i)))}},
                  static_cast<double>(codes[i]));
  }
  std::uint64_t clients = 0, upstreams = 0, lines = 0;
  for (const auto& thread : threads_) {
    clients += thread->client_opened.value() - thread->client_closed.value();
    upstreams += thread->upstream_opened.value() - thread->upstream_closed.value();
    lines += thread->log_lines_dropped.value();
  }
  add_value(connections, {{"side", "client"}}, static_cast<double>(clients));
  add_value(connections, {{"side", "upstream"}}, static_cast<double>(upstreams));
  add_value(dropped, {}, static_cast<double>(lines));
  return prometheus::TextSerializer().Serialize({requests, duration, upstream_duration, connections, rejected, dropped});
}

}  // namespace msctl::gateway::telemetry
