// Objects as an API server of version 1.34 gives them, cut to what is read, and ways to change them.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "runtime/kubernetes/judge/judge.h"

namespace msctl::kubernetes::judge {

inline constexpr base::WallTime now{std::chrono::seconds{1'795'780'800}};  // 2026-11-27T12:00:00Z

inline Json pod_template(const std::string& tag) {
  Json out = Json::parse(R"({
    "metadata": {"labels": {"app.kubernetes.io/name": "orders", "app.kubernetes.io/part-of": "shop"}},
    "spec": {"containers": [{
        "name": "orders", "imagePullPolicy": "Always",
        "ports": [{"name": "main", "containerPort": 8080, "protocol": "TCP"}],
        "resources": {"requests": {"cpu": "250m", "memory": "128Mi"}, "limits": {"memory": "128Mi"}},
        "readinessProbe": {"httpGet": {"path": "/health/ready", "port": "main", "scheme": "HTTP"},
                           "timeoutSeconds": 1, "periodSeconds": 5, "successThreshold": 1, "failureThreshold": 3}}],
      "restartPolicy": "Always"}})");
  out["spec"]["containers"][0]["image"] = "localhost:5000/shop/orders:" + tag;
  return out;
}

// A Deployment of three, in the middle of a rollout from 1 to 2: the old three run, and one new is there.
struct Made {
  Json deployment, old_set, new_set;
  std::vector<Json> pods, events, nodes;
  Json autoscaler;

  Made() {
    deployment = Json::parse(R"({"apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": {"name": "orders", "namespace": "shop", "uid": "d", "generation": 2},
      "spec": {"replicas": 3},
      "status": {"observedGeneration": 2, "replicas": 4, "updatedReplicas": 1, "readyReplicas": 3,
                 "availableReplicas": 3, "unavailableReplicas": 1,
                 "conditions": [{"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"},
                                {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated",
                                 "message": "ReplicaSet \"orders-2\" is progressing."}]}})");
    deployment["spec"]["template"] = pod_template("2");
    old_set = set("1");
    new_set = set("2");
    for (const char* name : {"a", "b", "c"}) pods.push_back(pod(std::string("orders-1-") + name, "1", true));
    pods.push_back(pod("orders-2-x", "2", false));
  }

  static Json set(const std::string& version) {
    Json out{{"metadata",
              {{"name", "orders-" + version},
               {"uid", "rs" + version},
               {"creationTimestamp", "2026-11-2" + version + "T11:00:00Z"},
               {"labels", {{"pod-template-hash", "hash" + version}}},
               {"ownerReferences", {{{"uid", "d"}, {"kind", "Deployment"}, {"controller", true}}}}}}};
    out["spec"]["template"] = pod_template(version);
    out["spec"]["template"]["metadata"]["labels"]["pod-template-hash"] = "hash" + version;
    return out;
  }

  static Json pod(const std::string& name, const std::string& version, bool ready) {
    Json out = Json::parse(R"({
      "metadata": {"namespace": "shop", "creationTimestamp": "2026-11-27T11:59:00Z",
                   "ownerReferences": [{"kind": "ReplicaSet", "controller": true}]},
      "status": {"phase": "Running",
                 "conditions": [{"type": "PodScheduled", "status": "True"},
                                {"type": "Ready", "lastTransitionTime": "2026-11-27T11:59:01Z"}],
                 "containerStatuses": [{"name": "orders", "started": true, "restartCount": 0,
                                        "state": {"running": {"startedAt": "2026-11-27T11:59:02Z"}}}]}})");
    out["metadata"]["name"] = out["metadata"]["uid"] = name;
    out["metadata"]["ownerReferences"][0]["uid"] = "rs" + version;
    out["status"]["conditions"][1]["status"] = ready ? "True" : "False";
    out["status"]["containerStatuses"][0]["ready"] = ready;
    out["spec"] = pod_template(version)["spec"];
    out["spec"]["nodeName"] = "node-1";
    return out;
  }

  // What the kubelet says of the new one's container.
  Json& status() { return pods.back()["status"]["containerStatuses"][0]; }

  void wait(const std::string& reason, const std::string& message) {
    status()["state"] = {{"waiting", {{"reason", reason}, {"message", message}}}};
    status()["started"] = false;
  }

  void crash(int restarts, const std::string& reason = "Error", int exit_code = 3) {
    wait("CrashLoopBackOff", "back-off 20s restarting failed container=orders");
    status()["restartCount"] = restarts;
    status()["lastState"] = {{"terminated",
                              {{"exitCode", exit_code},
                               {"reason", reason},
                               {"startedAt", "2026-11-27T11:59:50Z"},
                               {"finishedAt", "2026-11-27T11:59:51Z"}}}};
  }

  void event(const std::string& uid, const std::string& reason, const std::string& message, int count = 1,
             const std::string& field = "spec.containers{orders}") {
    events.push_back({{"involvedObject", {{"uid", uid}, {"fieldPath", field}}},
                      {"reason", reason},
                      {"message", message},
                      {"count", count},
                      {"firstTimestamp", "2026-11-27T11:59:10Z"},
                      {"lastTimestamp", "2026-11-27T11:59:55Z"}});
  }

  void refuse(const std::string& message, const std::string& since = "2026-11-27T11:59:10Z") {
    new_set["status"]["conditions"] = {{{"type", "ReplicaFailure"},
                                        {"status", "True"},
                                        {"reason", "FailedCreate"},
                                        {"lastTransitionTime", since},
                                        {"message", message}}};
    pods.pop_back();
  }

  void finish() {
    deployment["status"].update({{"replicas", 3}, {"updatedReplicas", 3}, {"availableReplicas", 3}});
    pods.clear();
    for (const char* name : {"a", "b", "c"}) pods.push_back(pod(std::string("orders-2-") + name, "2", true));
  }

  Subject subject() const {
    Lists lists;
    lists.deployments = {&deployment};
    lists.replica_sets = {&old_set, &new_set};
    if (!autoscaler.is_null()) lists.autoscalers = {&autoscaler};
    for (const Json& each : pods) lists.pods.push_back(&each);
    for (const Json& each : events) lists.events.push_back(&each);
    for (const Json& each : nodes) lists.nodes.push_back(&each);
    return subjects(lists).at("orders");
  }

  Rollout progress(LastWords words = {}) const {
    return progress_of(subject(), {now, "staging", std::move(words)});
  }
  release::ServiceStatus status_now() const { return status_of(subject(), {now, "staging", {}}); }
};

}  // namespace msctl::kubernetes::judge
