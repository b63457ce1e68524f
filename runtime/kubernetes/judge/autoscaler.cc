#include "runtime/kubernetes/judge/autoscaler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "runtime/kubernetes/judge/fields.h"

namespace msctl::kubernetes::judge {
namespace {

// "50", "12500m", "1500k": https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
std::optional<double> quantity(const std::string& text) {
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
  constexpr std::array<std::pair<std::string_view, double>, 10> kSuffixes{{{"", 1},
                                                                           {"n", 1e-9},
                                                                           {"u", 1e-6},
                                                                           {"m", 1e-3},
                                                                           {"k", 1e3},
                                                                           {"M", 1e6},
                                                                           {"G", 1e9},
                                                                           {"Ki", 1024.0},
                                                                           {"Mi", 1048576.0},
                                                                           {"Gi", 1073741824.0}}};
  for (const auto& [name, factor] : kSuffixes)
    if (suffix == name) return out * factor;
  return std::nullopt;
}

struct Metric {
  std::string name;
  std::optional<double> value;  // what was seen last; nothing: it could not be asked
  double target = 0;
};

// The names under `scale.target`, for those that msctl's gateway serves.
std::string external_name(const std::string& name) {
  if (name == "msctl-requests-per-second") return "requestsPerSecond";
  if (name == "msctl-concurrency") return "concurrency";
  if (name == "msctl-latency-p95") return "latencyP95";
  return name;
}

std::optional<double> number_of(const Json& values) {
  if (const Json& percent = at(values, "averageUtilization"); percent.is_number())
    return percent.get<double>();
  for (const char* key : {"averageValue", "value"})
    if (const std::string written = text(values, key); !written.empty()) return quantity(written);
  return std::nullopt;
}

// A metric as the specification has it, and the same as it was seen.
std::optional<Metric> metric_of(const Json& stated, const Json& seen) {
  const std::string type = text(stated, "type");
  const std::string_view key = type == "Resource" ? "resource" : type == "External" ? "external" : "";
  if (key.empty()) return std::nullopt;
  const std::string name_at = fmt::format("{}.{}", key, type == "Resource" ? "name" : "metric.name");
  Metric out;
  out.name = external_name(text(stated, name_at));
  out.target = number_of(at(stated, fmt::format("{}.target", key))).value_or(0);
  for (const Json& each : seen)
    if (text(each, "type") == type && text(each, name_at) == text(stated, name_at))
      out.value = number_of(at(each, fmt::format("{}.current", key)));
  return out;
}

// How far above its target: the one that is furthest decides.
std::optional<Metric> deciding(const Json& object) {
  std::optional<Metric> out;
  double furthest = -1;
  for (const Json& stated : at(object, "spec.metrics")) {
    std::optional<Metric> metric = metric_of(stated, at(object, "status.currentMetrics"));
    if (!metric) continue;
    const double distance = metric->value && metric->target > 0 ? *metric->value / metric->target : -0.5;
    if (distance <= furthest) continue;
    furthest = distance;
    out = std::move(metric);
  }
  return out;
}

// What bars it, what bounds it, or what it did.
std::string reason_of(const Json& object) {
  for (const auto& [type, tells] : {std::pair{"AbleToScale", "False"},
                                    {"ScalingActive", "False"},
                                    {"ScalingLimited", "True"},
                                    {"AbleToScale", "True"}})
    if (const Json& found = condition(object, type); text(found, "status") == tells)
      return text(found, "message");
  return "it has not looked yet";
}

}  // namespace

release::Autoscaler autoscaler_of(const Json& object) {
  release::Autoscaler out;
  out.min = number(object, "spec.minReplicas", 1);
  out.max = number(object, "spec.maxReplicas");
  out.desired = number(object, "status.desiredReplicas");
  release::Decision& last = out.last;
  last.at = text(object, "status.lastScaleTime");
  last.from = number(object, "status.currentReplicas");
  last.to = out.desired;
  last.reason = reason_of(object);
  if (const std::optional<Metric> metric = deciding(object)) {
    last.metric = metric->name;
    last.value = metric->value.value_or(0);
    last.target = metric->target;
  }
  return out;
}

// "unable to get external metric shop/msctl-requests-per-second/…: …": the controller's own words
// (k8s.io/kubernetes/pkg/controller/podautoscaler/horizontal.go). It says why behind the last colon but one.
std::optional<release::Condition> unread_metric(const Json& object, const std::string& environment) {
  const Json& active = condition(object, "ScalingActive");
  if (text(active, "status") != "False" || text(active, "reason") != "FailedGetExternalMetric")
    return std::nullopt;
  const std::string message = text(active, "message");
  if (message.find("msctl-") == std::string::npos) return std::nullopt;
  release::Condition out{
      "Scalable", false, base::to_string(base::Code::metricUnread),
      "the autoscaler cannot read what the gateway counts; the number of replicas stays as it is"};
  out.evidence.push_back(message);
  const bool is_unknown = message.find("could not find the requested resource") != std::string::npos ||
                          message.find("no matches for") != std::string::npos;
  out.cure = is_unknown
                 ? fmt::format(
                       "let an administrator 'kubectl apply -f deploy/kubernetes/deployers/{}.yaml', "
                       "which makes the APIService v1beta1.external.metrics.k8s.io",
                       environment)
                 : "'kubectl get apiservice v1beta1.external.metrics.k8s.io' tells whether it is served, and "
                   "by whom; the gateway's log tells what it lacks";
  return out;
}

}  // namespace msctl::kubernetes::judge
