#include "runtime/kubernetes/external_metrics/documents.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "runtime/kubernetes/external_metrics/names.h"

namespace msctl::kubernetes::external_metrics {
namespace {

using Json = nlohmann::ordered_json;

double value_of(Metric metric, const gateway::traffic::Flow& flow) {
  switch (metric) {
    case Metric::requests_per_second:
      return flow.per_second;
    case Metric::concurrency:
      return static_cast<double>(flow.in_flight);
    case Metric::latency_p95:
      return flow.quantile(0.95);
  }
  return 0;
}

// metav1.Time has whole seconds.
std::string time_text(base::WallTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::floor<std::chrono::seconds>(time));
}

}  // namespace

std::string quantity(double value) {
  const double thousandths = std::round(value * 1000);
  if (std::fmod(thousandths, 1000) == 0) return fmt::format("{:.0f}", thousandths / 1000);
  return fmt::format("{:.0f}m", thousandths);
}

std::string group_document() {
  const Json version{{"groupVersion", group_version}, {"version", "v1beta1"}};
  return Json{{"kind", "APIGroup"},
              {"apiVersion", "v1"},
              {"name", "external.metrics.k8s.io"},
              {"versions", Json::array({version})},
              {"preferredVersion", version}}
      .dump();
}

std::string resources_document() {
  Json resources = Json::array();
  for (const Metric metric : {Metric::requests_per_second, Metric::concurrency, Metric::latency_p95})
    resources.push_back({{"name", to_string(metric)},
                         {"singularName", ""},
                         {"namespaced", true},
                         {"kind", "ExternalMetricValueList"},
                         {"verbs", Json::array({"get"})}});
  return Json{{"kind", "APIResourceList"},
              {"apiVersion", "v1"},
              {"groupVersion", group_version},
              {"resources", std::move(resources)}}
      .dump();
}

std::string status_document(const Refused& refused) {
  return Json{{"kind", "Status"},      {"apiVersion", "v1"},         {"metadata", Json::object()},
              {"status", "Failure"},   {"message", refused.message}, {"reason", refused.reason},
              {"code", refused.status}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string values_document(const Query& query, const gateway::traffic::Flow& flow, double seconds,
                            base::WallTime now) {
  Json value{{"metricName", to_string(query.metric)},
             {"metricLabels", {{workspace_label, query.workspace}, {service_label, query.service}}},
             {"timestamp", time_text(now)},
             {"value", quantity(value_of(query.metric, flow))}};
  // That is a number of now, and of no window.
  if (query.metric != Metric::concurrency) value["window"] = static_cast<std::int64_t>(std::lround(seconds));
  return Json{{"kind", "ExternalMetricValueList"},
              {"apiVersion", group_version},
              {"metadata", Json::object()},
              {"items", Json::array({std::move(value)})}}
      .dump();
}

}  // namespace msctl::kubernetes::external_metrics
