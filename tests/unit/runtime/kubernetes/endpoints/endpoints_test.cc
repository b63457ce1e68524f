#include "runtime/kubernetes/endpoints/endpoints.h"

#include "tests/catch.h"
#include "tests/fakes/cluster.h"

using namespace msctl;
using namespace msctl::kubernetes;

namespace {

Json slice(const std::string& name, const std::string& service, const char* endpoints) {
  return {
      {"apiVersion", "discovery.k8s.io/v1"},
      {"kind", "EndpointSlice"},
      {"metadata", {{"name", name}, {"uid", name}, {"labels", {{"kubernetes.io/service-name", service}}}}},
      {"addressType", "IPv4"},
      {"ports", {{{"name", "metrics"}, {"port", 9090}}, {{"name", "main"}, {"port", 8080}}}},
      {"endpoints", Json::parse(endpoints)}};
}

std::vector<std::string> addresses(const Endpoints& endpoints, const std::string& service) {
  std::vector<std::string> out;
  for (const auto& each : endpoints.at(service)) out.push_back(each.address + " " + each.replica);
  return out;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("those that are ready take requests, each once, under their pod's name") {
  const Json one = slice("a", "orders", R"([
    {"addresses":["10.0.0.2"],"conditions":{"ready":true},"targetRef":{"kind":"Pod","name":"orders-2"}},
    {"addresses":["10.0.0.1"],"conditions":{}},
    {"addresses":["10.0.0.3"],"conditions":{"ready":false}},
    {"addresses":["10.0.0.4"],"conditions":{"ready":false,"serving":true,"terminating":true}}])");
  const Json two = slice("b", "orders", R"([{"addresses":["10.0.0.1"]}])");
  const Json none = slice("c", "users", "[]");
  const Endpoints all = endpoints_of({&one, &two, &none});
  CHECK(addresses(all, "orders") == Texts{"10.0.0.1:8080 10.0.0.1", "10.0.0.2:8080 orders-2"});
  CHECK(all.at("users").empty());
}

TEST_CASE("other ports and families, and slices that say nothing of use") {
  Json six = slice("a", "orders", R"([{"addresses":["fd00::1"]}])");
  six["addressType"] = "IPv6";
  six["ports"] = Json::parse(R"([{"name":"http","port":3000}])");
  CHECK(addresses(endpoints_of({&six}), "orders") == Texts{"[fd00::1]:3000 fd00::1"});
  Json without = slice("a", "orders", R"([{"addresses":["10.0.0.1"]}])");
  without["ports"] = nullptr;
  CHECK(endpoints_of({&without}).at("orders").empty());
  Json names = slice("a", "orders", R"([{"addresses":["example.org"]}])");
  names["addressType"] = "FQDN";
  CHECK(endpoints_of({&names}).empty());
}

TEST_CASE("they are told at the beginning, whatever there is") {
  fakes::FakeCluster cluster;
  int told = 0;
  auto followed = follow_endpoints(
      cluster,
      [&](const Endpoints& endpoints) {
        ++told;
        CHECK(endpoints.empty());
      },
      [&] { return told == 0; });
  CHECK(followed);
  CHECK(told == 1);
}
