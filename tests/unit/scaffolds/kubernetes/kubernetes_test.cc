#include "scaffolds/kubernetes/kubernetes.h"

#include "scaffolds/containers/containers.h"
#include "scaffolds/kubernetes/objects.h"
#include "tests/unit/scaffolds/shop.h"

using namespace msctl;
using namespace msctl::scaffolds::kubernetes;
using namespace msctl::tests;
using Json = nlohmann::ordered_json;

namespace {

Json object(const workspace::Workspace& workspace, const std::string& service, const std::string& kind) {
  auto all = scaffolds::containers::containers(workspace);
  REQUIRE(all);
  for (const Json& each : objects_of(*all, *all->find(service)))
    if (each["kind"] == kind) return each;
  return {};
}

generated::Emitted emit_for(const workspace::Workspace& base, const workspace::Workspace& there) {
  auto emitted = emit(base, {{"staging", &there}}, "msctl:1");
  REQUIRE(emitted);
  return std::move(*emitted);
}

}  // namespace

TEST_CASE("what a Pod may do") {
  const Json pod = object(shop(), "orders", "Deployment")["spec"]["template"]["spec"];
  CHECK(pod["automountServiceAccountToken"] == false);
  CHECK(pod["securityContext"]["runAsNonRoot"] == true);
  CHECK(pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault");
  const Json& container = pod["containers"][0];
  CHECK(container["securityContext"]["capabilities"]["drop"] == Json::array({"ALL"}));
  CHECK(container["securityContext"]["readOnlyRootFilesystem"] == true);
  CHECK(container["securityContext"]["allowPrivilegeEscalation"] == false);
  CHECK(container["volumeMounts"][0]["mountPath"] == "/tmp");
  CHECK(container["env"][0]["valueFrom"]["secretKeyRef"] == Json{{"name", "orders"}, {"key", "PAYMENT_KEY"}});
  CHECK(container["lifecycle"]["preStop"]["sleep"]["seconds"] == 5);
  CHECK(container["startupProbe"]["httpGet"]["path"] == "/health/live");
  CHECK(container["readinessProbe"]["httpGet"]["path"] == "/health/ready");
}

TEST_CASE("replicas belong to the autoscaler where there is one") {
  const Json deployment = object(shop(), "inventory", "Deployment");
  CHECK_FALSE(deployment["spec"].contains("replicas"));
  const Json scaler = object(shop(), "inventory", "HorizontalPodAutoscaler");
  CHECK(scaler["spec"]["minReplicas"] == 2);
  CHECK(scaler["spec"]["maxReplicas"] == 6);
  CHECK(scaler["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 70);
  CHECK(scaler["spec"]["metrics"][1]["external"]["target"]["averageValue"] == "12500m");
  CHECK(object(shop(), "orders", "HorizontalPodAutoscaler").is_null());

  workspace::Workspace workspace = shop();
  workspace.services[1].replicas = 3;
  CHECK(object(workspace, "orders", "Deployment")["spec"]["replicas"] == 3);
}

TEST_CASE("a disruption budget only where something can be disrupted, spread only where there are two") {
  CHECK(object(shop(), "orders", "PodDisruptionBudget").is_null());
  CHECK_FALSE(object(shop(), "inventory", "PodDisruptionBudget").is_null());
  CHECK_FALSE(object(shop(), "orders", "Deployment")["spec"]["template"]["spec"].contains(
      "topologySpreadConstraints"));
  CHECK(object(shop(), "inventory", "Deployment")["spec"]["template"]["spec"].contains(
      "topologySpreadConstraints"));
}

TEST_CASE("who may talk to whom") {
  const Json orders = object(shop(), "orders", "NetworkPolicy")["spec"];
  CHECK(orders["ingress"][0]["from"].size() == 1);
  CHECK(orders["ingress"][0]["from"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "gateway");
  REQUIRE(orders["egress"].size() == 3);  // DNS, inventory, redis
  CHECK(orders["egress"][2]["ports"][0]["port"] == 6379);
  const Json redis = object(shop(), "redis", "NetworkPolicy")["spec"];
  CHECK(redis["ingress"][0]["from"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "orders");
  CHECK(redis["egress"].empty());
}

TEST_CASE("a store is never there twice, and is not sent to sleep") {
  const Json deployment = object(shop(), "redis", "Deployment");
  CHECK(deployment["spec"]["strategy"]["type"] == "Recreate");
  CHECK(object(shop(), "orders", "Deployment")["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0);
}

TEST_CASE("an overlay says what is different there, and nothing else") {
  workspace::Workspace base = shop();
  base.environments = {{"staging", "context", "shop-staging", "registry.example/shop"}};
  const std::string path = "deploy/kubernetes/overlays/staging/kustomization.yaml";
  const generated::Emitted same = emit_for(base, base);
  CHECK(holds(content(same, path), "namespace: shop-staging\n"));
  CHECK(holds(content(same, path), "newName: registry.example/shop/orders\n"));
  CHECK_FALSE(holds(content(same, path), "configMapGenerator"));
  CHECK_FALSE(holds(content(same, path), "patches"));

  workspace::Workspace there = base;
  there.services[2].url = "redis://cache.staging.example:6380";
  there.gateway.defaults.timeout = std::chrono::seconds(9);
  const generated::Emitted other = emit_for(base, there);
  CHECK(holds(content(other, path), "REDIS_URL=redis://cache.staging.example:6380"));
  CHECK(holds(content(other, path), "$patch: delete"));
  CHECK(holds(content(other, path), "6380"));
  CHECK(holds(content(other, "deploy/kubernetes/overlays/staging/gateway/gateway.yaml"), "timeout: 9s"));
  CHECK_FALSE(holds(content(other, "deploy/kubernetes/base/gateway/gateway.yaml"), "timeout: 9s"));
}

TEST_CASE("what a person has to know is told") {
  workspace::Workspace workspace = shop();
  workspace.services[0].scale->min = 0;
  const generated::Emitted emitted = emit_for(workspace, workspace);
  REQUIRE(emitted.notes.size() == 2);
  CHECK(holds(emitted.notes[0].text, "scale.min 0"));
  CHECK(holds(emitted.notes[1].text, "PAYMENT_KEY"));
}
