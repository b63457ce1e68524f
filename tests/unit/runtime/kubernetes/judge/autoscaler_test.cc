#include "runtime/kubernetes/judge/autoscaler.h"

#include "runtime/release/status.h"
#include "tests/catch.h"
#include "tests/unit/runtime/kubernetes/judge/cluster_made.h"

using namespace msctl;
using namespace msctl::kubernetes::judge;

namespace {

// As the controller of 1.34 writes it: two metrics, of which the second asks for more.
Json made() {
  return Json::parse(R"({
    "metadata": {"name": "orders"},
    "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "orders"}, "minReplicas": 2, "maxReplicas": 8,
      "metrics": [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}},
        {"type": "External", "external": {"metric": {"name": "msctl-requests-per-second"},
                                          "target": {"type": "AverageValue", "averageValue": "50"}}}]},
    "status": {"currentReplicas": 3, "desiredReplicas": 5, "lastScaleTime": "2026-11-27T11:58:00Z",
      "currentMetrics": [
        {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 35, "averageValue": "88m"}}},
        {"type": "External", "external": {"metric": {"name": "msctl-requests-per-second"},
                                          "current": {"averageValue": "81500m"}}}],
      "conditions": [
        {"type": "AbleToScale", "status": "True", "reason": "SucceededRescale", "message": "the HPA controller was able to update the target scale to 5"},
        {"type": "ScalingActive", "status": "True", "reason": "ValidMetricFound", "message": "…"},
        {"type": "ScalingLimited", "status": "False", "reason": "DesiredWithinRange", "message": "…"}]}})");
}

}  // namespace

TEST_CASE("the metric that asks for the most is told, in its own unit", "[autoscaler]") {
  const release::Autoscaler told = autoscaler_of(made());
  CHECK(told.min == 2);
  CHECK(told.max == 8);
  CHECK(told.desired == 5);
  CHECK(told.last.at == "2026-11-27T11:58:00Z");
  CHECK(told.last.from == 3);
  CHECK(told.last.to == 5);
  CHECK(told.last.metric == "requestsPerSecond");
  CHECK(told.last.value == 81.5);
  CHECK(told.last.target == 50);
  CHECK(told.last.reason == "the HPA controller was able to update the target scale to 5");
}

TEST_CASE("what bars an autoscaler goes before what it did", "[autoscaler]") {
  Json object = made();
  object["status"]["conditions"][2] = {
      {"type", "ScalingLimited"},
      {"status", "True"},
      {"message", "the desired replica count is more than the maximum replica count"}};
  CHECK(autoscaler_of(object).last.reason ==
        "the desired replica count is more than the maximum replica count");
  object["status"]["conditions"][1] = {
      {"type", "ScalingActive"},
      {"status", "False"},
      {"message", "unable to get metrics for resource cpu: no metrics returned"}};
  CHECK(autoscaler_of(object).last.reason == "unable to get metrics for resource cpu: no metrics returned");
}

TEST_CASE("a metric that could not be asked is told by its target, and never decides", "[autoscaler]") {
  Json object = made();
  object["status"]["currentMetrics"].erase(1);
  CHECK(autoscaler_of(object).last.metric == "cpu");
  CHECK(autoscaler_of(object).last.value == 35);
  object["status"].erase("currentMetrics");
  CHECK(autoscaler_of(object).last.metric == "cpu");
  CHECK(autoscaler_of(object).last.value == 0);
  CHECK(autoscaler_of(object).last.target == 70);
}

TEST_CASE("an autoscaler that has not looked yet", "[autoscaler]") {
  const release::Autoscaler told =
      autoscaler_of(Json::parse(R"({"metadata": {"name": "orders"}, "spec": {"maxReplicas": 4}})"));
  CHECK(told.min == 1);
  CHECK(told.max == 4);
  CHECK(told.last.at.empty());
  CHECK(told.last.metric.empty());
  CHECK(told.last.reason == "it has not looked yet");
}

TEST_CASE("the status has the autoscaler, the evidence and the cure, and comes back from its document whole",
          "[autoscaler]") {
  Made cluster;
  cluster.autoscaler = made();
  cluster.crash(4);
  release::Status status;
  status.workspace = "shop";
  status.services.push_back(cluster.status_now());
  const release::ServiceStatus& service = status.services[0];
  REQUIRE(service.autoscaler);
  const auto unready = std::ranges::find(service.conditions, false, &release::Condition::status);
  REQUIRE(unready != service.conditions.end());
  CHECK_FALSE(unready->code.empty());
  CHECK_FALSE(unready->cure.empty());
  const auto document = release::to_json(status);
  CHECK(document["services"][0]["autoscaler"]["lastDecision"]["value"] == 81.5);
  const auto read = release::status_from_json(Json::parse(document.dump()));
  REQUIRE(read);
  CHECK(release::to_json(*read) == document);
}

TEST_CASE("that it cannot read what the gateway counts is told with the cure", "[autoscaler]") {
  Json object = made();
  CHECK_FALSE(unread_metric(object, "staging"));
  object["status"]["conditions"][1] = {
      {"type", "ScalingActive"},
      {"status", "False"},
      {"reason", "FailedGetExternalMetric"},
      {"message",
       "the HPA was unable to compute the replica count: unable to get external metric "
       "shop/msctl-requests-per-second/&LabelSelector{…}: unable to fetch metrics from external metrics API: "
       "the "
       "server could not find the requested resource (get "
       "msctl-requests-per-second.external.metrics.k8s.io)"}};
  auto told = unread_metric(object, "staging");
  REQUIRE(told);
  CHECK(told->code == "MSC5307");
  CHECK_FALSE(told->status);
  CHECK(told->cure.find("deploy/kubernetes/deployers/staging.yaml") != std::string::npos);
  REQUIRE(told->evidence.size() == 1);
  // A gateway that does not answer is no administrator's business.
  object["status"]["conditions"][1]["message"] =
      "unable to get external metric shop/msctl-concurrency/…: 503";
  told = unread_metric(object, "staging");
  REQUIRE(told);
  CHECK(told->cure.find("deployers") == std::string::npos);
  // Another adapter's metrics are its own business.
  object["status"]["conditions"][1]["message"] = "unable to get external metric shop/queue-length/…: 503";
  CHECK_FALSE(unread_metric(object, "staging"));
}
