// From a cluster's objects to the code of a failure.
#include "tests/catch.h"
#include "tests/unit/runtime/kubernetes/judge/cluster_made.h"

using namespace msctl;
using namespace msctl::kubernetes::judge;
using base::Code;

namespace {

explain::Finding first(const Made& made, LastWords words = {}) {
  const Rollout out = made.progress(std::move(words));
  if (out.findings.empty()) return {};
  return out.findings.front();
}

}  // namespace

TEST_CASE("an image that is missing") {
  Made made;
  made.wait("ImagePullBackOff", "Back-off pulling image \"x\": ErrImagePull: x: not found");
  CHECK(first(made).code == Code::imageNotFound);
  CHECK(made.progress().failed());
}

TEST_CASE("a crash with its last words, which are asked for by name") {
  Made made;
  made.crash(2);
  const auto wanted = words_wanted(made.subject());
  REQUIRE(wanted.size() == 1);
  CHECK(wanted.front() == Words{"orders-2-x", "orders", true, 2});
  const explain::Finding found = first(made, {{wanted.front(), "farewell\n"}});
  CHECK(found.code == Code::podCrashes);
  CHECK(found.evidence.back() == "  farewell");
  CHECK(made.progress().failed());
  made.crash(1);
  CHECK_FALSE(made.progress().failed());
}

TEST_CASE("a crash of the old version says nothing of the new one") {
  Made made;
  const Json last = made.pods.back();
  made.crash(9);
  made.pods.back()["metadata"]["ownerReferences"][0]["uid"] = "rs1";
  made.pods.push_back(last);
  CHECK(first(made).code == Code::podNotReady);
  CHECK_FALSE(made.progress().failed());
}

TEST_CASE("out of memory, and a program that is not there") {
  Made made;
  made.crash(2, "OOMKilled", 137);
  const explain::Finding found = first(made);
  CHECK(found.code == Code::outOfMemory);
  CHECK(found.sentence == "the container was killed as it wanted more memory than its limit of 128 MiB");
  made.crash(1, "StartError", 128);
  made.status()["lastState"]["terminated"]["message"] =
      "exec: \"/nope\": stat /nope: no such file or directory";
  CHECK(first(made).code == Code::containerCannotStart);
  CHECK(words_wanted(made.subject()).empty());
}

TEST_CASE("probes and their answers come from events") {
  Made made;
  made.event("orders-2-x", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", 9);
  const explain::Finding found = first(made);
  CHECK(found.code == Code::readinessProbeFails);
  CHECK(found.sentence == "the container is not ready: GET /health/ready on port 8080 answers 503");
  CHECK(words_wanted(made.subject()) == std::vector<Words>{{"orders-2-x", "orders", false, 0}});
  made.crash(3, "Error", 137);
  made.event("orders-2-x", "Killing", "Container orders failed liveness probe, will be restarted", 3);
  CHECK(first(made).code == Code::livenessProbeFails);
  CHECK(first(made).certain);
}

TEST_CASE("settings that are missing, by their containers and by their volumes") {
  Made made;
  made.wait("CreateContainerConfigError", "secret \"orders\" not found");
  CHECK(first(made).code == Code::secretNotThere);
  CHECK(first(made).certain);  // since the Pod was made, a minute ago
  made.event("orders-2-x", "Failed", "Error: secret \"orders\" not found");
  made.events.back()["firstTimestamp"] = "2026-11-27T11:59:55Z";
  CHECK_FALSE(first(made).certain);
  made.wait("CreateContainerConfigError", "couldn't find key PAYMENT_KEY in Secret shop/orders");
  CHECK(first(made).code == Code::settingNotThere);
  CHECK(first(made).sentence == "the Secret 'orders' has no key 'PAYMENT_KEY'");
  made.wait("ContainerCreating", "");
  made.event("orders-2-x", "FailedMount",
             "MountVolume.SetUp failed for volume \"c\" : configmap \"gateway\" not found");
  CHECK(first(made).code == Code::configMapNotThere);
  made.events.back()["message"] =
      "MountVolume.SetUp failed for volume \"c\" : references non-existent config key: k";
  made.pods.back()["spec"]["volumes"] = {{{"name", "c"}, {"configMap", {{"name", "gateway"}}}}};
  CHECK(first(made).sentence == "the ConfigMap 'gateway' has no key 'k'");
}

TEST_CASE("a quota and a policy, as the ReplicaSet tells them") {
  Made made;
  made.refuse(
      "pods \"orders-2-y\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=3, limited: "
      "pods=3");
  made.event("rs2", "FailedCreate", "Error creating: pods \"orders-2-y\" is forbidden", 7);
  CHECK(first(made).code == Code::quotaExceeded);
  CHECK(made.progress().failed());
  Made strict;
  strict.refuse(
      "pods \"orders-2-y\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true");
  CHECK(first(strict).code == Code::podRefused);
}

TEST_CASE("no node, with what the largest one has") {
  Made made;
  Json& pod = made.pods.back();
  pod["spec"].erase("nodeName");
  pod["status"] =
      Json::parse(R"({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
    "reason": "Unschedulable", "message": "0/1 nodes are available: 1 Insufficient cpu."}]})");
  made.deployment["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "1k";
  made.new_set["spec"]["template"]["spec"] = made.deployment["spec"]["template"]["spec"];
  CHECK(first(made).code == Code::unschedulable);
  CHECK_FALSE(first(made).certain);
  made.nodes.push_back(Json::parse(R"({"metadata": {"name": "node-1"}, "status": {
    "allocatable": {"cpu": "2", "memory": "4Gi"}, "conditions": [{"type": "Ready", "status": "True"}]}})"));
  CHECK(first(made).certain);
  CHECK(made.status_now().replicas.back().state == release::State::pending);
}

TEST_CASE("a node that is gone, with and without the right to see nodes") {
  Made made;
  made.event("orders-2-x", "NodeNotReady", "Node is not ready");
  CHECK(first(made).code == Code::nodeGone);
  made.events.clear();
  made.nodes.push_back({{"metadata", {{"name", "node-2"}}}});
  CHECK(first(made).code == Code::nodeGone);
}

TEST_CASE("status tells states, version and why") {
  Made made;
  made.crash(2);
  auto status = made.status_now();
  CHECK(status.name == "orders");
  CHECK(status.version == "2");
  CHECK(status.desired == 3);
  CHECK(status.ready == 3);
  CHECK(status.state == release::State::ready);
  REQUIRE(status.replicas.size() == 4);
  CHECK(status.replicas.back().state == release::State::backoff);
  CHECK(status.replicas.back().restarts == 2);
  CHECK(status.replicas.front().port == 8080);
  CHECK(status.replicas.front().started_at == "2026-11-27T11:59:02Z");
  REQUIRE(status.conditions.size() == 2);
  CHECK(status.conditions.front().status);
  CHECK(status.conditions.back().type == "Updated");
  CHECK(status.conditions.back().code == "MSC5105");
  made.finish();
  status = made.status_now();
  CHECK(status.conditions.back().status);
  made.pods.back()["status"]["conditions"][1] = {
      {"type", "Ready"}, {"status", "False"}, {"lastTransitionTime", "2026-11-27T11:59:40Z"}};
  CHECK(made.status_now().replicas.back().state == release::State::unready);
  made.pods.back()["metadata"]["deletionTimestamp"] = "2026-11-27T12:00:00Z";
  CHECK(made.status_now().replicas.back().state == release::State::stopping);
}
