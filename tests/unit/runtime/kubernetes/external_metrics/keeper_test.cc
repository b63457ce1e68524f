#include "runtime/kubernetes/external_metrics/keeper.h"

#include "runtime/base/base64.h"
#include "runtime/kubernetes/external_metrics/names.h"
#include "tests/catch.h"
#include "tests/fakes/clock.h"
#include "tests/fakes/cluster.h"

using namespace msctl;
using namespace msctl::kubernetes::external_metrics;
using kubernetes::Json;
using kubernetes::Ref;

namespace {

const Ref service_ref{"apiregistration.k8s.io/v1", "APIService", api_service};
const Ref secret_ref{"v1", "Secret", "gateway-external-metrics"};

struct Place {
  fakes::FakeCluster own, system;
  fakes::FakeClock clock;
  Keeper keeper{{"shop", "gateway", own, system}, clock};

  Place() {
    put(system, {{"apiVersion", "v1"},
                 {"kind", "ConfigMap"},
                 {"metadata", {{"name", "extension-apiserver-authentication"}}},
                 {"data",
                  {{"requestheader-client-ca-file", "AUTHORITY"},
                   {"requestheader-allowed-names", "[\"front-proxy-client\"]"}}}});
    put(own, api_service_of("msctl"));
  }
  static void put(fakes::FakeCluster& to, const Json& object) {
    to.objects[kubernetes::ref_of(object)] = object;
  }
  static Json api_service_of(const std::string& manager) {
    return {{"apiVersion", "apiregistration.k8s.io/v1"},
            {"kind", "APIService"},
            {"metadata",
             {{"name", api_service},
              {"resourceVersion", "1"},
              {"labels", {{"app.kubernetes.io/managed-by", manager}}}}},
            {"spec", {{"group", "external.metrics.k8s.io"}, {"version", "v1beta1"}}}};
  }
  const Json& service() { return own.objects.at(service_ref); }
  std::vector<base::Code> codes() {
    std::vector<base::Code> out;
    for (const base::Error& each : keeper.look().news) out.push_back(each.code);
    return out;
  }
};

Json naming(const std::string& name, const std::string& available, const std::string& since) {
  Json out = Place::api_service_of("msctl");
  out["spec"]["service"] = {{"name", name}, {"namespace", "other"}, {"port", 443}};
  out["status"]["conditions"] =
      Json::array({{{"type", "Available"}, {"status", available}, {"lastTransitionTime", since}}});
  return out;
}

}  // namespace

TEST_CASE_METHOD(Place, "the gateway makes its certificate and says where it is", "[external_metrics]") {
  CHECK(codes().empty());
  const Keeper::State& state = keeper.look();
  REQUIRE(state.can_serve());
  CHECK(state.front_proxy->authorities == "AUTHORITY");
  CHECK(state.front_proxy->names == std::vector<std::string>{"front-proxy-client"});
  CHECK(service()["spec"]["service"] ==
        Json{{"name", "gateway-external-metrics"}, {"namespace", "shop"}, {"port", 443}});
  CHECK(service()["spec"]["caBundle"] == base::to_base64(state.certificate->authorities));
  CHECK(service()["spec"]["group"] == "external.metrics.k8s.io");
  const int writes = own.writes;
  keeper.look();
  CHECK(own.writes == writes);
}

TEST_CASE_METHOD(Place, "the gateways of a workspace have one certificate", "[external_metrics]") {
  Keeper second({"shop", "gateway", own, system}, clock);
  const auto first = keeper.look().certificate;
  CHECK(second.look().certificate == first);
}

TEST_CASE_METHOD(
    Place, "whoever is too late with a new certificate takes the other's, and claims nothing with its own",
    "[external_metrics]") {
  keeper.look();
  clock.advance(std::chrono::days(60));
  Keeper second({"shop", "gateway", own, system}, clock);
  bool raced = false;
  own.before_write = [&](const std::string& what, const Json&) {
    // Just before this one writes, the other has.
    if (what == "replace" && !std::exchange(raced, true)) second.look();
    return false;
  };
  keeper.look();
  REQUIRE(raced);
  const std::string bundle = service()["spec"]["caBundle"];
  CHECK(bundle == base::to_base64(second.look().certificate->authorities));
  CHECK(codes().empty());
  CHECK(keeper.look().certificate == second.look().certificate);
  CHECK(service()["spec"]["caBundle"] == bundle);
}

TEST_CASE_METHOD(Place, "another adapter's APIService is never touched, and told once",
                 "[external_metrics]") {
  put(own, api_service_of("Helm"));
  const Json before = service();
  CHECK(codes() == std::vector{base::Code::metricsForeign});
  CHECK(codes().empty());
  CHECK(service() == before);
  // It is gone, comes back, and is told again.
  put(own, api_service_of("msctl"));
  CHECK(codes().empty());
  put(own, api_service_of("keda"));
  CHECK(codes() == std::vector{base::Code::metricsForeign});
}

TEST_CASE_METHOD(Place, "another workspace's gateway keeps it for as long as it is there",
                 "[external_metrics]") {
  for (const Json& stays : {naming("gateway-external-metrics", "True", "2023-11-14T20:00:00Z"),
                            naming("gateway-external-metrics", "False", "2023-11-14T22:13:00Z")}) {
    put(own, stays);
    CHECK(codes().empty());
    CHECK(service()["spec"] == stays["spec"]);
  }
  put(own, naming("gateway-external-metrics", "False", "2023-11-14T22:12:50Z"));
  CHECK(codes().empty());
  CHECK(service()["spec"]["service"]["namespace"] == "shop");
}

TEST_CASE_METHOD(Place, "what an administrator has to do is told", "[external_metrics]") {
  own.objects.erase(service_ref);
  CHECK(codes() == std::vector{base::Code::metricsUnpublished});
  system.objects.clear();
  Keeper fresh({"shop", "gateway", own, system}, clock);
  const Keeper::State& state = fresh.look();
  CHECK_FALSE(state.can_serve());
  REQUIRE(state.news.size() == 1);
  CHECK(state.news[0].code == base::Code::metricsUnserved);
  CHECK(own.objects.contains(secret_ref));
}

TEST_CASE("whom to believe is not guessed", "[external_metrics]") {
  auto with = [](const Json& data) { return front_proxy_of({{"data", data}}); };
  CHECK_FALSE(front_proxy_of(Json::object()));
  CHECK_FALSE(with({{"client-ca-file", "X"}}));
  CHECK_FALSE(with({{"requestheader-client-ca-file", "X"}, {"requestheader-allowed-names", "front-proxy"}}));
  CHECK_FALSE(with({{"requestheader-client-ca-file", "X"}, {"requestheader-allowed-names", "[1]"}}));
  CHECK(with({{"requestheader-client-ca-file", "X"}, {"requestheader-allowed-names", "[]"}})->names.empty());
}
