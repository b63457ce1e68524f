#include "runtime/kubernetes/external_metrics/query.h"

#include "runtime/kubernetes/external_metrics/answer.h"
#include "runtime/kubernetes/external_metrics/documents.h"
#include "tests/catch.h"
#include "tests/fakes/clock.h"

using namespace msctl;
using namespace msctl::kubernetes::external_metrics;
using Json = nlohmann::json;

namespace {

constexpr const char* path =
    "/apis/external.metrics.k8s.io/v1beta1/namespaces/shop-staging/msctl-requests-per-second";

int status_of(std::string_view at, std::string_view query = {}) {
  const Asked out = asked(at, query);
  const Refused* refused = std::get_if<Refused>(&out);
  return refused == nullptr ? 200 : refused->status;
}

}  // namespace

TEST_CASE("a value is asked for by namespace, metric and selector", "[external_metrics]") {
  const Asked out = asked(path, "labelSelector=service%3Dorders%2Cworkspace%3Dshop");
  const Query* query = std::get_if<Query>(&out);
  REQUIRE(query != nullptr);
  CHECK(query->space == "shop-staging");
  CHECK(query->metric == Metric::requests_per_second);
  CHECK(query->workspace == "shop");
  CHECK(query->service == "orders");
}

TEST_CASE("selectors that name one service are understood, others refused", "[external_metrics]") {
  for (const char* good :
       {"service=a,workspace=b", "workspace==b,service==a", "service in (a),workspace in (b)",
        " service = a , workspace = b ", "service=a,workspace=b,service=a"}) {
    INFO(good);
    const auto out = selected(good);
    const Query* query = std::get_if<Query>(&out);
    REQUIRE(query != nullptr);
    CHECK(query->service == "a");
    CHECK(query->workspace == "b");
  }
  for (const char* bad :
       {"", "service=a", "workspace=b", "service!=a,workspace=b", "service in (a,c),workspace=b", "service",
        "!service,workspace=b", "service=a,workspace=b,tier=c", "service=a,service=c,workspace=b",
        "service=,workspace=b", "service=a,workspace=b.kube-system", "service=a/b,workspace=b",
        "service=A,workspace=b", "service=-a,workspace=b", "service notin (a),workspace=b"}) {
    INFO(bad);
    const auto out = selected(bad);
    REQUIRE(std::holds_alternative<Refused>(out));
    CHECK(std::get<Refused>(out).status == 400);
  }
}

TEST_CASE("other paths are not found", "[external_metrics]") {
  CHECK(status_of("/healthz") == 200);
  CHECK(status_of("/apis/external.metrics.k8s.io") == 200);
  CHECK(status_of("/apis/external.metrics.k8s.io/v1beta1") == 200);
  CHECK(status_of("/apis/external.metrics.k8s.io/v1beta1/") == 200);
  for (const char* bad :
       {"/", "/apis", "/openapi/v2", "/openapi/v3", "/apis/external.metrics.k8s.ioo/v1beta1",
        "/apis/external.metrics.k8s.io/v1", "/apis/external.metrics.k8s.io/v1beta1/namespaces/",
        "/apis/external.metrics.k8s.io/v1beta1/namespaces/shop",
        "/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/other",
        "/apis/external.metrics.k8s.io/v1beta1/namespaces/a.b/msctl-concurrency",
        "/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/msctl-concurrency/x"}) {
    INFO(bad);
    CHECK(status_of(bad) == 404);
  }
  CHECK(status_of(path, "labelSelector=%zz") == 400);
  CHECK(status_of(path) == 400);
}

TEST_CASE("the documents are those of the API", "[external_metrics]") {
  const Json resources = Json::parse(resources_document());
  CHECK(resources["groupVersion"] == "external.metrics.k8s.io/v1beta1");
  REQUIRE(resources["resources"].size() == 3);
  CHECK(resources["resources"][0]["name"] == "msctl-requests-per-second");
  CHECK(resources["resources"][0]["namespaced"] == true);
  CHECK(Json::parse(group_document())["preferredVersion"]["version"] == "v1beta1");

  fakes::FakeClock clock;
  const Query query{"shop", Metric::requests_per_second, "shop", "orders"};
  gateway::traffic::Flow flow;
  flow.per_second = 12.3456;
  flow.in_flight = 7;
  flow.buckets[8] = 100;
  const Json list = Json::parse(values_document(query, flow, 30.4, clock.wall()));
  CHECK(list["kind"] == "ExternalMetricValueList");
  REQUIRE(list["items"].size() == 1);
  const Json& value = list["items"][0];
  CHECK(value["metricName"] == "msctl-requests-per-second");
  CHECK(value["metricLabels"] == Json{{"workspace", "shop"}, {"service", "orders"}});
  CHECK(value["value"] == "12346m");
  CHECK(value["window"] == 30);
  CHECK(value["timestamp"] == "2023-11-14T22:13:20Z");
  auto of = [&](Metric metric) {
    return Json::parse(
        values_document({"shop", metric, "shop", "orders"}, flow, 30, clock.wall()))["items"][0]["value"];
  };
  CHECK(of(Metric::concurrency) == "7");
  CHECK(of(Metric::latency_p95) == "243m");
}

TEST_CASE("quantities", "[external_metrics]") {
  CHECK(quantity(0) == "0");
  CHECK(quantity(0.0004) == "0");
  CHECK(quantity(0.25) == "250m");
  CHECK(quantity(50) == "50");
  CHECK(quantity(1e9) == "1000000000");
}

TEST_CASE("a sum that is not whole is no number, but a reason", "[external_metrics]") {
  fakes::FakeClock clock;
  const Answer out = answer(
      path, "labelSelector=service%3Dorders%2Cworkspace%3Dshop",
      [](const Query&) -> base::Result<Sum> {
        return base::fail(base::Code::gatewaysSilent, "10.0.0.7 says nothing");
      },
      clock);
  CHECK(out.status == 503);
  const Json status = Json::parse(out.body);
  CHECK(status["kind"] == "Status");
  CHECK(status["message"] == "10.0.0.7 says nothing [MSC5303]");
}
