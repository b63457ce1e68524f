#include "scaffolds/kubernetes/deployable.h"

#include <algorithm>
#include <set>

#include "scaffolds/kubernetes/access.h"
#include "tests/unit/scaffolds/shop.h"

using namespace msctl;
using namespace msctl::scaffolds::kubernetes;
using namespace msctl::tests;
using Json = nlohmann::ordered_json;

namespace {

DeployableInput input(const workspace::Workspace& workspace) {
  DeployableInput out{&workspace, "shop-staging", {}, "r/msctl@sha256:9"};
  for (const workspace::Service& service : workspace.services)
    out.images[service.name] = "r/" + service.name + "@sha256:1";
  return out;
}

const Deployable& part(const std::vector<Deployable>& all, const std::string& name) {
  for (const Deployable& each : all)
    if (each.name == name) return each;
  FAIL("no " << name);
  return all.front();
}

const Json& object(const Deployable& part, const std::string& kind) {
  for (const Json& each : part.objects)
    if (each["kind"] == kind) return each;
  FAIL("no " << kind);
  return part.objects.front();
}

}  // namespace

TEST_CASE("parts can be applied as they are") {
  const workspace::Workspace workspace = shop();
  auto all = deployables(input(workspace));
  REQUIRE(all);
  CHECK(all->front().name.empty());
  CHECK(all->back().name == "gateway");
  for (const Deployable& each : *all)
    for (const Json& one : each.objects) {
      CHECK(one["metadata"]["namespace"] == "shop-staging");
      CHECK(one["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "msctl");
      CHECK(one["metadata"]["labels"]["app.kubernetes.io/part-of"] == workspace.name);
    }
  const Deployable& orders = part(*all, "orders");
  CHECK(orders.image == "r/orders@sha256:1");
  const Json& container = object(orders, "Deployment")["spec"]["template"]["spec"]["containers"][0];
  CHECK(container["image"] == "r/orders@sha256:1");
  CHECK(container["imagePullPolicy"] == "IfNotPresent");
  CHECK(object(part(*all, "gateway"), "RoleBinding")["subjects"][0]["namespace"] == "shop-staging");
}

TEST_CASE("settings have the name of their content, so that a change of them is a new version") {
  workspace::Workspace workspace = shop();
  auto before = deployables(input(workspace));
  REQUIRE(before);
  const Json one = object(part(*before, "orders"), "ConfigMap");
  const Json& container =
      object(part(*before, "orders"), "Deployment")["spec"]["template"]["spec"]["containers"][0];
  CHECK(container["envFrom"][0]["configMapRef"]["name"] == one["metadata"]["name"]);
  for (workspace::Service& service : workspace.services)
    if (service.name == "orders") service.env["LOG_LEVEL"] = "debug";
  auto after = deployables(input(workspace));
  REQUIRE(after);
  CHECK(object(part(*after, "orders"), "ConfigMap")["metadata"]["name"] != one["metadata"]["name"]);
  CHECK(object(part(*after, "inventory"), "ConfigMap") == object(part(*before, "inventory"), "ConfigMap"));
  // The gateway takes its configuration in as it runs.
  CHECK(object(part(*after, "gateway"), "ConfigMap")["metadata"]["name"] == "gateway");
}

TEST_CASE("a service without an image is an error, with the command that makes one") {
  const workspace::Workspace workspace = shop();
  DeployableInput wanted = input(workspace);
  wanted.images.erase("orders");
  auto all = deployables(wanted);
  REQUIRE_FALSE(all);
  CHECK(all.error().code == base::Code::noImage);
  CHECK(all.error().message.find("orders") != std::string::npos);
}

TEST_CASE("one service needs no image of the others") {
  const workspace::Workspace workspace = shop();
  DeployableInput wanted = input(workspace);
  wanted.services = {"orders"};
  wanted.images = {{"orders", "r/orders@sha256:1"}};
  auto all = deployables(wanted);
  REQUIRE(all);
  REQUIRE(all->size() == 3);
  CHECK((*all)[1].name == "orders");
  CHECK(all->back().name == "gateway");
}

namespace {

workspace::Workspace scaled_by(const workspace::ScaleTarget& target) {
  workspace::Workspace out = shop();
  for (workspace::Service& service : out.services) service.scale.reset();
  for (workspace::Service& service : out.services)
    if (service.name == "orders") service.scale = workspace::Scale{1, 4, target};
  return out;
}

const Json* named(const Deployable& part, const std::string& kind, const std::string& name) {
  for (const Json& each : part.objects)
    if (each["kind"] == kind && each["metadata"]["name"] == name) return &each;
  return nullptr;
}

std::set<std::string> kinds(const Objects& objects) {
  std::set<std::string> out;
  for (const Json& each : objects) out.insert(each["kind"].get<std::string>());
  return out;
}

}  // namespace

TEST_CASE("the gateway has an autoscaler, and a name for all of its replicas") {
  const workspace::Workspace workspace = shop();
  auto all = deployables(input(workspace));
  REQUIRE(all);
  const Deployable& gateway = part(*all, "gateway");
  CHECK_FALSE(object(gateway, "Deployment")["spec"].contains("replicas"));
  const Json& scaled = object(gateway, "HorizontalPodAutoscaler")["spec"];
  CHECK(scaled["minReplicas"] == 2);
  CHECK(scaled["maxReplicas"] == 10);
  CHECK(scaled["metrics"][0]["resource"]["name"] == "cpu");
  const Json* headless = named(gateway, "Service", "msctl-" + workspace.name + "-gateway");
  REQUIRE(headless != nullptr);
  CHECK((*headless)["spec"]["clusterIP"] == "None");
  CHECK((*headless)["spec"]["ports"][0]["port"] == 9090);
  // Others find the gateway itself by this label.
  CHECK_FALSE((*headless)["metadata"]["labels"].contains("app.kubernetes.io/component"));
}

TEST_CASE("the gateway serves metrics where a service scales by them, and only there") {
  workspace::ScaleTarget target;
  target.cpu = 70;
  auto without = deployables(input(scaled_by(target)));
  REQUIRE(without);
  CHECK(named(part(*without, "gateway"), "Service", "gateway-external-metrics") == nullptr);
  CHECK(object(part(*without, "gateway"), "Role")["rules"].size() == 2);
  CHECK(kinds(deployer_access("shop", "staging", {.gateway = "gateway"})) ==
        std::set<std::string>{"ServiceAccount", "Role", "RoleBinding"});

  target.cpu.reset();
  target.requests_per_second = 50;
  const workspace::Workspace workspace = scaled_by(target);
  auto with = deployables(input(workspace));
  REQUIRE(with);
  const Json& metric =
      object(part(*with, "orders"), "HorizontalPodAutoscaler")["spec"]["metrics"][0]["external"];
  CHECK(metric["metric"]["selector"]["matchLabels"] ==
        Json{{"workspace", workspace.name}, {"service", "orders"}});
  CHECK(metric["target"] == Json{{"type", "AverageValue"}, {"averageValue", "50"}});
  const Deployable& gateway = part(*with, "gateway");
  const Json* service = named(gateway, "Service", "gateway-external-metrics");
  REQUIRE(service != nullptr);
  CHECK((*service)["metadata"]["namespace"] == "shop-staging");
  CHECK((*service)["spec"]["ports"][0]["port"] == 443);
  const Json& container = object(gateway, "Deployment")["spec"]["template"]["spec"]["containers"][0];
  const auto words = container["args"].get<std::vector<std::string>>();
  CHECK(std::ranges::count(words, "--external-metrics") == 1);
  CHECK(std::ranges::count(words, workspace.name) == 1);
  CHECK(container["ports"].back()["containerPort"] == 10250);
  const Json& rules = object(gateway, "Role")["rules"];
  REQUIRE(rules.size() == 4);
  CHECK(rules[2]["verbs"] == Json::array({"create"}));
  CHECK(rules[3]["resourceNames"] == Json::array({"gateway-external-metrics"}));
}

TEST_CASE("what is the whole cluster's is in the administrator's file, and names one object alone") {
  const Objects all = deployer_access("shop", "staging", {.gateway = "gateway", .serves_metrics = true});
  auto of = [&](const std::string& kind) -> const Json& {
    return *std::ranges::find_if(all, [&](const Json& each) { return each["kind"] == kind; });
  };
  REQUIRE(kinds(all).contains("APIService"));
  const Json& service = of("APIService");
  CHECK(service["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "msctl");
  // Whose gateway serves is not the file's to say: there may be several workspaces.
  CHECK_FALSE(service["spec"].contains("service"));
  CHECK(of("ClusterRole")["rules"] ==
        Json::parse(R"([{"apiGroups": ["apiregistration.k8s.io"], "resources": ["apiservices"],
                         "verbs": ["get", "patch"], "resourceNames": ["v1beta1.external.metrics.k8s.io"]}])"));
  CHECK(of("ClusterRoleBinding")["subjects"][0]["namespace"] == "staging");
  const Json& reader = all.back();
  CHECK(reader["metadata"]["namespace"] == "kube-system");
  CHECK(reader["roleRef"]["name"] == "extension-apiserver-authentication-reader");
}
