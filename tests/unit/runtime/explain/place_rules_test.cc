// Replicas that could not be made, or for which no node is found, or whose node is gone.
#include "tests/catch.h"
#include "tests/unit/runtime/explain/evidence_made.h"

using namespace msctl;
using namespace msctl::explain;

namespace {

Replica homeless(std::string message) {
  Replica out = replica(container());
  out.node.clear();
  out.placed = false;
  out.place_refused = std::move(message);
  return out;
}

Finding refusal(std::string message, base::Duration before = 1s) {
  Evidence one = evidence({});
  one.refused.push_back(
      {std::move(message), 5, now - std::chrono::duration_cast<base::WallTime::duration>(before)});
  return only(one);
}

}  // namespace

TEST_CASE("the scheduler's message in words") {
  Evidence one =
      evidence({homeless("0/6 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint "
                         "{dedicated: db}, 1 node(s) didn't "
                         "match Pod's node affinity/selector, 1 node(s) were unschedulable, 2 node(s) didn't "
                         "have free ports for the "
                         "requested pod ports. preemption: 0/6 nodes are available: 6 Preemption is not "
                         "helpful for scheduling.")});
  one.cpu = 3500;
  one.machines = {6, 4000, std::int64_t{8} << 30};
  one.machines.free_cpu = 1250;
  const Finding found = only(one);
  CHECK(found.code == base::Code::unschedulable);
  CHECK(found.sentence ==
        "no node takes a Pod: of 6 nodes 1 has too little CPU free, 1 has the taint dedicated: db, which the "
        "Pod does "
        "not tolerate, 1 does not match the Pod's node selector, 1 is closed for new Pods (cordoned), 2 have "
        "the port "
        "in use already; a Pod asks for 3500m cores of CPU, the most that a node has free is 1250m cores");
  CHECK_FALSE(found.certain);
}

TEST_CASE("what no empty node could take is certain, unless a node more is on its way") {
  Evidence one =
      evidence({homeless("0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, "
                         "preemption: 0/1 nodes are available: "
                         "1 Preemption is not helpful for scheduling.")});
  one.cpu = 1'000'000;
  CHECK_FALSE(only(one).certain);
  one.machines = {1, 2000, std::int64_t{8} << 30};
  const Finding found = only(one);
  CHECK(found.certain);
  CHECK(found.sentence ==
        "no node takes a Pod: of 1 node 1 has too little CPU free; a Pod asks for 1000 cores of CPU, the "
        "largest node "
        "has 2 cores");
  one.replicas.front().events.push_back({"TriggeredScaleUp", "pod triggered scale-up", "", 1, now, now});
  CHECK_FALSE(only(one).certain);
}

TEST_CASE("a label that no node has is certain after the time that autoscalers take") {
  Evidence one =
      evidence({homeless("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.")});
  CHECK_FALSE(only(one).certain);
  one.replicas.front().created = now - 31s;
  CHECK(only(one).certain);
}

TEST_CASE("schedulers say other things, too") {
  CHECK(only(evidence({homeless("no nodes available to schedule pods")})).sentence ==
        "no node takes a Pod: the cluster has no nodes");
  CHECK(only(evidence({homeless("0/3 nodes are available: persistentvolumeclaim \"data\" not found.")}))
            .sentence == "no node takes a Pod: of 3 nodes persistentvolumeclaim \"data\" not found");
  CHECK(only(evidence({homeless("0/3 nodes are available: 3 node(s) frobnicated, badly.")})).sentence ==
        "no node takes a Pod: of 3 nodes 3 say: node(s) frobnicated, badly");
}

TEST_CASE("a quota that is used up is certain, unless something is about to give room") {
  const std::string message =
      "pods \"orders-6c8f-x\" is forbidden: exceeded quota: small, requested: pods=1,requests.cpu=100m, "
      "used: "
      "pods=3,requests.cpu=950m, limited: pods=3,requests.cpu=1";
  const Finding found = refusal(message, 11s);
  CHECK(found.code == base::Code::quotaExceeded);
  CHECK(found.sentence ==
        "the quota 'small' leaves no room for a Pod more: pods: 1 asked for, 3 of 3 used; requests.cpu: 100m "
        "asked "
        "for, 950m of 1 used");
  CHECK(found.certain);
  CHECK_FALSE(refusal(message, 1s).certain);
  Evidence room = evidence({replica(running())});
  room.replicas.front().stopping = true;
  room.refused.push_back({message, 1, now - 1min});
  CHECK_FALSE(only(room).certain);
  CHECK(
      refusal("pods \"a\" is forbidden: failed quota: small: must specify limits.cpu for: orders").sentence ==
      "the quota 'small' takes only Pods that state what they need: must specify limits.cpu for: orders");
}

TEST_CASE("policies tell their names and words") {
  Finding found = refusal(
      "pods \"orders-x\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation "
      "!= false "
      "(container \"orders\" must set securityContext.allowPrivilegeEscalation=false)");
  CHECK(found.code == base::Code::podRefused);
  CHECK(found.certain);
  CHECK(found.sentence.starts_with(
      "the namespace takes only Pods of the level 'restricted', and these have allowPrivilegeEscalation"));
  CHECK(found.evidence.front().ends_with("(5 times)"));
  found = refusal(
      "pods \"a\" is forbidden: ValidatingAdmissionPolicy 'owners' with binding 'all' denied request: no "
      "owner label");
  CHECK(found.sentence == "the policy 'owners' refuses the Pods: no owner label");
  CHECK(found.certain);
  found = refusal("admission webhook \"images.example\" denied the request: unsigned", 1s);
  CHECK(found.sentence == "the webhook 'images.example' refuses the Pods: unsigned");
  CHECK_FALSE(found.certain);
  CHECK(refusal("admission webhook \"images.example\" denied the request: unsigned", 10s).certain);
  found = refusal(
      "Internal error occurred: failed calling webhook \"images.example\": failed to call webhook: Post "
      "\"https://hook\": dial tcp: connection refused",
      1h);
  CHECK(found.sentence == "the webhook 'images.example', which is asked about each Pod, does not answer");
  CHECK_FALSE(found.certain);
  found = refusal("pods \"a\" is forbidden: maximum memory usage per Container is 64Mi, but limit is 128Mi");
  CHECK(found.certain);
  found = refusal(
      "pods \"a\" is forbidden: error looking up service account shop/orders: serviceaccount \"orders\" not "
      "found");
  CHECK(found.sentence == "the ServiceAccount shop/orders is not there");
  CHECK_FALSE(found.certain);
  CHECK_FALSE(refusal("etcdserver: request timed out", 1h).certain);
}

TEST_CASE("replicas that their node gave up are replaced; three alike are a sign") {
  Replica one = replica(container());
  one.given_up = true;
  one.reason = "Evicted";
  one.message = "Usage of EmptyDir volume \"tmp\" exceeds the limit \"64Mi\". ";
  Finding found = only(evidence({one}));
  CHECK(found.code == base::Code::podEvicted);
  CHECK(found.sentence ==
        "a node gave up replicas: Usage of EmptyDir volume \"tmp\" exceeds the limit \"64Mi\"");
  CHECK_FALSE(found.certain);
  found = only(evidence({one, one, one}));
  CHECK(found.certain);
  CHECK(found.replicas == 3);
}

TEST_CASE("a node that does not answer") {
  Replica one = replica(running());
  one.node_trouble = "NodeStatusUnknown: Kubelet stopped posting node status.";
  const Finding found = only(evidence({one}));
  CHECK(found.code == base::Code::nodeGone);
  CHECK(found.sentence == "the node node-1 does not answer");
}
