// Whatever the canary's objects are called and select, nothing of the running release takes its Pods.
#include "runtime/kubernetes/canary/objects.h"

#include <algorithm>

#include "tests/catch.h"
#include "tests/unit/runtime/kubernetes/canary/releases.h"

using namespace msctl;
using namespace msctl::kubernetes;
using namespace msctl::kubernetes::canary;
using fakes::labels_of;

namespace {

const Subject subject{"orders", "orders-canary", {"orders"}};

const Json& find(const Objects& all, const Ref& ref) {
  for (const Json& each : all.surroundings)
    if (ref_of(each) == ref) return each;
  FAIL("there is no " << ref.text());
  return all.deployment;
}

bool selected(const Json& selector, const Json& labels) {
  for (const auto& [key, value] : selector.items())
    if (!labels.contains(key) || labels.at(key) != value) return false;
  return true;
}

}  // namespace

TEST_CASE("its Pods are those of its own selectors, and of no other") {
  const Objects all = objects_of(subject, fakes::shop("2"), fakes::shop("1"));
  const Json& pods = all.deployment["spec"]["template"]["metadata"]["labels"];
  CHECK(selected(all.deployment["spec"]["selector"]["matchLabels"], pods));
  CHECK(selected(find(all, {"v1", "Service", "orders-canary"})["spec"]["selector"], pods));
  CHECK(selected(find(all, {"networking.k8s.io/v1", "NetworkPolicy",
                            "orders-canary"})["spec"]["podSelector"]["matchLabels"],
                 pods));
  for (const auto& part : fakes::shop("1").parts)
    for (const Json& object : part.objects)
      if (object["kind"] == "Service") CHECK_FALSE(selected(object["spec"]["selector"], pods));
  // Nor the other way round.
  const Json stable = fakes::deployment("orders", "", 1)["spec"]["template"]["metadata"]["labels"];
  CHECK_FALSE(selected(all.deployment["spec"]["selector"]["matchLabels"], stable));
}

TEST_CASE("it runs the new version as the service's account, spread over nodes by itself") {
  const Objects all = objects_of(subject, fakes::shop("2"), fakes::shop("1"));
  CHECK(ref_of(all.deployment).text() == "Deployment/orders-canary");
  const Json& pod = all.deployment["spec"]["template"]["spec"];
  CHECK(pod["containers"][0]["image"] == "orders:2");
  CHECK(pod["containers"][0]["name"] == "orders");
  CHECK(pod["serviceAccountName"] == "orders");
  CHECK(pod["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"] == labels_of("orders-canary"));
}

TEST_CASE("everything of it says of what it is, and belongs to the workspace") {
  Objects all = objects_of(subject, fakes::shop("2"), fakes::shop("1"));
  all.surroundings.push_back(all.deployment);
  all.surroundings.push_back({{"metadata", all.deployment["spec"]["template"]["metadata"]}});
  for (const Json& each : all.surroundings) {
    CHECK(label(each, names::part_of) == "shop");
    CHECK(label(each, names::managed_by) == "msctl");
    if (each.value("kind", "") != "ConfigMap") CHECK(label(each, names::canary_of) == "orders");
  }
}

TEST_CASE("the settings of the new version come with it, unless they run already") {
  const Objects all = objects_of(subject, fakes::shop("2"), fakes::shop("1"));
  CHECK(find(all, {"v1", "ConfigMap", "orders-settings-2"})["data"]["VERSION"] == "2");
  const Objects same = objects_of(subject, fakes::shop("1"), fakes::shop("1"));
  CHECK(
      std::ranges::none_of(same.surroundings, [](const Json& each) { return each["kind"] == "ConfigMap"; }));
}

TEST_CASE("it has no autoscaler, and no account of its own") {
  const Objects all = objects_of(subject, fakes::shop("2"), fakes::shop("1"));
  for (const Json& each : all.surroundings) {
    CHECK(each["kind"] != "HorizontalPodAutoscaler");
    CHECK(each["kind"] != "ServiceAccount");
  }
}

TEST_CASE("it may ask what the service asks, and be asked by the gateway: by policies beside the others") {
  const Objects all = objects_of(subject, fakes::shop("2"), fakes::shop("1"));
  const char* policies = "networking.k8s.io/v1";
  const Json& users = find(all, {policies, "NetworkPolicy", "orders-canary-users"});
  CHECK(users["spec"]["podSelector"]["matchLabels"] == labels_of("users"));
  CHECK(users["spec"]["policyTypes"] == Json::array({"Ingress"}));
  REQUIRE(users["spec"]["ingress"].size() == 1);
  // Of the peers of that rule it is the only one: the others have theirs already.
  CHECK(users["spec"]["ingress"][0]["from"] == Json::array({fakes::peer("orders-canary")}));
  CHECK(users["spec"]["ingress"][0]["ports"] == fakes::ports(8080));
  const Json& gateway = find(all, {policies, "NetworkPolicy", "orders-canary-gateway"});
  CHECK(gateway["spec"]["policyTypes"] == Json::array({"Egress"}));
  CHECK(gateway["spec"]["egress"][0]["to"] == Json::array({fakes::peer("orders-canary")}));
  CHECK(label(gateway, names::component).empty());
}

TEST_CASE("a need that only the new version has is open to its canary, too") {
  release::Release next = fakes::shop("2");
  next.parts.push_back(
      {"prices",
       {},
       "",
       {fakes::policy("prices", Json::array({{{"from", Json::array({fakes::peer("orders")})}}}),
                      Json::array())}});
  const Objects all = objects_of(subject, next, fakes::shop("1"));
  CHECK(find(all, {"networking.k8s.io/v1", "NetworkPolicy", "orders-canary-prices"})["spec"]["ingress"]
            .size() == 1);
}

TEST_CASE("replicas follow the share of the traffic") {
  CHECK(replicas_for(5, 1) == 1);
  CHECK(replicas_for(5, 20) == 1);
  CHECK(replicas_for(5, 21) == 2);
  CHECK(replicas_for(25, 8) == 2);
  CHECK(replicas_for(50, 3) == 2);
  CHECK(replicas_for(100, 3) == 3);
  CHECK(replicas_for(100, 0) == 1);
  CHECK(with_replicas(fakes::deployment("orders", "", 4), 2)["spec"]["replicas"] == 2);
}
