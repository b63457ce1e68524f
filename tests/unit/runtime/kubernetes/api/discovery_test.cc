#include "runtime/kubernetes/api/discovery.h"

#include "tests/catch.h"
#include "tests/unit/runtime/kubernetes/api/server.h"

using namespace msctl;
using namespace msctl::kubernetes::api;
using fakes::ApiServer;
using fakes::Asked;
using fakes::give;
using fakes::object;
using fakes::refusal;

namespace {

const Kind route{"gateway.networking.k8s.io/v1", "HTTPRoute"};

Json aggregated(const std::string& group, const std::string& version, Json resources) {
  Json metadata = Json::object();
  if (!group.empty()) metadata["name"] = group;
  return {{"metadata", metadata},
          {"versions", {{{"version", version}, {"resources", std::move(resources)}}}}};
}

Json resource(const std::string& kind, const std::string& plural, const std::string& scope = "Namespaced") {
  return {{"resource", plural},
          {"responseKind", {{"kind", kind}, {"group", ""}, {"version", ""}}},
          {"scope", scope}};
}

struct Cluster : ApiServer {
  std::map<std::string, Json> documents;

  Cluster() {
    on = [this](const http::Request& request, const Asked& one) {
      const auto found = documents.find(one.target);
      if (found != documents.end()) return give(request, 200, found->second);
      return give(request, 404, refusal(404, "NotFound", "the server could not find the requested resource"));
    };
  }
  void serve_aggregated() {
    documents["/api"] = {{"kind", "APIGroupDiscoveryList"},
                         {"items", {aggregated("", "v1", {resource("Pod", "pods")})}}};
    documents["/apis"] = {{"kind", "APIGroupDiscoveryList"},
                          {"items",
                           {aggregated("gateway.networking.k8s.io", "v1beta1",
                                       {resource("HTTPRoute", "httproutes"),
                                        resource("GatewayClass", "gatewayclasses", "Cluster")}),
                            aggregated("apps", "v1", {resource("Deployment", "deployments")})}}};
  }
  void serve_lists() {
    documents["/api"] = {{"kind", "APIVersions"}, {"versions", {"v1"}}};
    documents["/apis"] = {{"kind", "APIGroupList"},
                          {"groups",
                           {{{"name", "gateway.networking.k8s.io"},
                             {"versions", {{{"groupVersion", "gateway.networking.k8s.io/v1beta1"}}}}},
                            {{"name", "apps"}, {"versions", {{{"groupVersion", "apps/v1"}}}}}}}};
    documents["/apis/gateway.networking.k8s.io/v1beta1"] = {
        {"kind", "APIResourceList"},
        {"groupVersion", "gateway.networking.k8s.io/v1beta1"},
        {"resources",
         {{{"name", "httproutes"}, {"kind", "HTTPRoute"}, {"namespaced", true}},
          {{"name", "httproutes/status"}, {"kind", "HTTPRoute"}, {"namespaced", true}},
          {{"name", "gatewayclasses"}, {"kind", "GatewayClass"}, {"namespaced", false}}}}};
  }
};

}  // namespace

TEST_CASE_METHOD(Cluster, "what every Kubernetes has is not asked for") {
  CHECK(client().resource({"apps/v1", "Deployment"})->plural == "deployments");
  CHECK_FALSE(client().resource({"v1", "Node"})->namespaced);
  CHECK(asked.empty());
}

TEST_CASE_METHOD(Cluster, "the aggregated form: two requests for all that there is") {
  serve_aggregated();
  const Client one = client();
  const auto found = one.resource({"gateway.networking.k8s.io/v1beta1", "HTTPRoute"});
  REQUIRE(found);
  CHECK(*found == Resource{"gateway.networking.k8s.io", "v1beta1", "HTTPRoute", "httproutes", true});
  CHECK_FALSE(one.resource({"gateway.networking.k8s.io/v1beta1", "GatewayClass"})->namespaced);
  CHECK(lines() == std::vector<std::string>{"GET /api", "GET /apis"});
  CHECK(asked[0].header("Accept").starts_with(
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"));
}

TEST_CASE_METHOD(Cluster, "the old form: only what is asked for is loaded") {
  serve_lists();
  const Client one = client();
  CHECK(one.resource({"gateway.networking.k8s.io/v1beta1", "HTTPRoute"})->plural == "httproutes");
  CHECK(one.resource({"gateway.networking.k8s.io/v1beta1", "GatewayClass"}));
  CHECK(lines() ==
        std::vector<std::string>{"GET /api", "GET /apis", "GET /apis/gateway.networking.k8s.io/v1beta1"});
}

TEST_CASE_METHOD(Cluster, "what is not served is told with what is near") {
  for (const bool old : {false, true}) {
    INFO(old);
    if (old)
      serve_lists();
    else
      serve_aggregated();
    const Client one = client();
    const auto other = one.resource(route);
    REQUIRE_FALSE(other);
    CHECK(other.error().error.code == base::Code::apiNotServed);
    CHECK(other.error().error.message ==
          "the cluster does not serve HTTPRoute of gateway.networking.k8s.io/v1");
    CHECK(other.error().error.suggestion == "HTTPRoute is served as gateway.networking.k8s.io/v1beta1");
    const auto typo = one.resource({"gateway.networking.k8s.io/v1beta1", "HTTPRout"});
    CHECK(typo.error().error.suggestion == "did you mean 'HTTPRoute'?");
    CHECK(one.resource({"example.com/v1", "Zebra"}).error().error.suggestion.find("kubectl api-resources") !=
          std::string::npos);
  }
}

TEST_CASE_METHOD(Cluster, "what is installed later is found later") {
  serve_aggregated();
  const Client one = client();
  const Kind kind{"example.com/v1", "Zebra"};
  CHECK_FALSE(one.resource(kind));
  documents["/apis/example.com/v1"] = {
      {"groupVersion", "example.com/v1"},
      {"resources", {{{"name", "zebras"}, {"kind", "Zebra"}, {"namespaced", true}}}}};
  CHECK(one.resource(kind)->plural == "zebras");
}

TEST_CASE_METHOD(Cluster, "a kind that every Kubernetes has, in one that has it not") {
  serve_aggregated();
  const auto got = client().get({{"autoscaling/v2", "HorizontalPodAutoscaler"}, "a"});
  REQUIRE_FALSE(got);
  CHECK(got.error().error.code == base::Code::apiNotServed);
  CHECK(got.error().unserved);
  CHECK(got.error().error.message == "the cluster does not serve HorizontalPodAutoscaler of autoscaling/v2");
}

TEST_CASE("documents that are none give nothing") {
  for (const char* text : {"null", "[]", "{}", "{\"items\":[1,{\"versions\":[{\"resources\":[3,{}]}]}]}",
                           "{\"resources\":[{},\"a\",{\"name\":\"x/y\",\"kind\":\"Z\"}]}"}) {
    CHECK(Discovery::read_aggregated(Json::parse(text)).empty());
    CHECK(Discovery::read_list(Json::parse(text)).empty());
  }
}
