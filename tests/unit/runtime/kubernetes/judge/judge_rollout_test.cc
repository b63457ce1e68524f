// When a rollout is done: the branches of kubectl's `rollout status`, one by one.
#include "runtime/kubernetes/judge/fields.h"
#include "tests/catch.h"
#include "tests/unit/runtime/kubernetes/judge/cluster_made.h"

using namespace msctl;
using namespace msctl::kubernetes::judge;
using Phase = Rollout::Phase;

TEST_CASE("a rollout goes through made, ended, available") {
  Made made;
  Rollout out = made.progress();
  CHECK(out.phase == Phase::under_way);
  CHECK(out.progress == "1 of 3 new replicas made");
  CHECK(out.replica_set == "orders-2");
  CHECK(out.template_hash == "hash2");
  CHECK(out.wanted == 3);
  CHECK_FALSE(out.autoscaled);
  made.deployment["status"].update({{"replicas", 4}, {"updatedReplicas", 3}});
  CHECK(made.progress().progress == "1 old replica still to end");
  made.deployment["status"].update({{"replicas", 3}, {"availableReplicas", 2}});
  CHECK(made.progress().progress == "2 of 3 new replicas available");
  made.deployment["status"]["availableReplicas"] = 3;
  made.pods.erase(made.pods.begin(), made.pods.begin() + 3);
  made.pods = {Made::pod("orders-2-x", "2", true)};
  out = made.progress();
  CHECK(out.done());
  CHECK(out.findings.empty());
}

TEST_CASE("what the controller has not seen is not judged") {
  Made made;
  made.deployment["metadata"]["generation"] = 3;
  made.crash(9);
  const Rollout out = made.progress();
  CHECK(out.phase == Phase::unseen);
  CHECK(out.findings.empty());
}

TEST_CASE("zero replicas, an autoscaler, Recreate") {
  Made made;
  made.deployment["spec"]["replicas"] = 0;
  made.deployment["status"] = {{"observedGeneration", 2}};
  made.pods.clear();
  CHECK(made.progress().progress == "scaled to nothing");
  CHECK(made.progress().done());
  CHECK(made.status_now().state == release::State::idle);
  Made scaled;
  scaled.autoscaler = {{"spec", {{"scaleTargetRef", {{"kind", "Deployment"}, {"name", "orders"}}}}}};
  CHECK(scaled.progress().autoscaled);
  Made recreated;
  recreated.deployment["spec"]["strategy"] = {{"type", "Recreate"}};
  recreated.deployment["status"] = {{"observedGeneration", 2}, {"replicas", 0}};
  recreated.pods.clear();
  CHECK(recreated.progress().progress == "0 of 3 new replicas made");
}

TEST_CASE("a paused one goes on only if it was done before") {
  Made made;
  made.deployment["spec"]["paused"] = true;
  CHECK(made.progress().failed());
  CHECK(made.progress().findings.front().code == base::Code::rolloutPaused);
  made.finish();
  CHECK(made.progress().done());
  CHECK(made.progress().findings.empty());
}

TEST_CASE("the deadline counts for the version that it is about") {
  Made made;
  made.deployment["status"]["conditions"][1] = {
      {"type", "Progressing"},
      {"status", "False"},
      {"reason", "ProgressDeadlineExceeded"},
      {"message", "ReplicaSet \"orders-2\" has timed out progressing."}};
  made.pods.back()["metadata"]["creationTimestamp"] = "2026-11-27T11:59:58Z";
  Rollout out = made.progress();
  CHECK(out.failed());
  CHECK(out.findings.front().code == base::Code::rolloutLate);
  made.deployment["status"]["conditions"][1]["message"] =
      "ReplicaSet \"orders-1\" has timed out progressing.";
  CHECK(made.progress().phase == Phase::under_way);
}

TEST_CASE("a crash of a version that is done counts while it is young") {
  Made made;
  made.finish();
  made.crash(3);
  made.status()["state"] = {{"running", {{"startedAt", "2026-11-27T11:59:55Z"}}}};
  CHECK(made.progress().failed());
  made.status()["state"] = {{"running", {{"startedAt", "2026-11-27T11:50:00Z"}}}};
  CHECK(made.progress().done());
}

TEST_CASE("a job is done when it is complete") {
  Json job = Json::parse(R"({"kind": "Job", "metadata": {"name": "migrate", "namespace": "shop", "uid": "j"},
    "spec": {"completions": 1, "backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never"}}},
    "status": {"active": 1, "ready": 1}})");
  auto progress = [&](const Objects& pods, const LastWords& words = {}) {
    Lists lists;
    lists.jobs = {&job};
    lists.pods = pods;
    return progress_of(subjects(lists).at("migrate"), {now, "staging", words});
  };
  CHECK(progress({}).phase == Phase::under_way);
  CHECK(progress({}).progress == "0 of 1 run complete");
  Json pod = Json::parse(R"({"metadata": {"name": "migrate-x", "uid": "p",
      "ownerReferences": [{"uid": "j", "controller": true}]},
    "spec": {"nodeName": "n", "containers": [{"name": "migrate"}]},
    "status": {"phase": "Failed", "containerStatuses": [{"name": "migrate", "restartCount": 0,
      "state": {"terminated": {"exitCode": 2, "reason": "Error", "finishedAt": "2026-11-27T11:59:00Z"}}}]}})");
  job["status"] = Json::parse(R"({"failed": 1, "conditions": [
    {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "m"}]})");
  const Rollout failed = progress({&pod}, {{{"migrate-x", "migrate", false, 0}, "no table\n"}});
  CHECK(failed.failed());
  REQUIRE(failed.findings.size() == 1);
  CHECK(failed.findings.front().code == base::Code::jobFailed);
  CHECK(failed.findings.front().evidence.back() == "  no table");
  job["status"] = Json::parse(R"({"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]})");
  CHECK(progress({}).done());
}

TEST_CASE("a job that takes too long has failed as soon as that is decided, with what it says then") {
  Json job =
      Json::parse(R"({"kind": "Job", "metadata": {"name": "orders-migrate-1", "namespace": "shop", "uid": "j",
      "labels": {"msctl.dev/job-of": "orders"}, "annotations": {"msctl.dev/job": "migrate"}},
    "spec": {"completions": 1, "backoffLimit": 0, "activeDeadlineSeconds": 90},
    "status": {"active": 1, "conditions": [{"type": "FailureTarget", "status": "True", "reason": "DeadlineExceeded",
      "lastTransitionTime": "2026-11-27T11:59:59Z"}]}})");
  const Json pod =
      Json::parse(R"({"metadata": {"name": "m-x", "uid": "p", "deletionTimestamp": "2026-11-27T12:00:30Z",
      "ownerReferences": [{"uid": "j", "controller": true}]},
    "spec": {"nodeName": "n", "containers": [{"name": "migrate"}]},
    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
      "containerStatuses": [{"name": "migrate", "restartCount": 0, "ready": true,
        "state": {"running": {"startedAt": "2026-11-27T11:58:00Z"}}}]}})");
  Lists lists;
  lists.jobs = {&job};
  lists.pods = {&pod};
  const Subject subject = subjects(lists).at("orders-migrate-1");
  const std::vector<Words> wanted = words_wanted(subject);
  REQUIRE(wanted.size() == 1);
  const Rollout failed = progress_of(subject, {now, "staging", {{wanted.front(), "row 3\n"}}});
  CHECK(failed.failed());
  CHECK(failed.service == "orders");
  CHECK(failed.job == "migrate");
  REQUIRE(failed.findings.size() == 1);
  CHECK(failed.findings.front().code == base::Code::jobLate);
  CHECK(failed.findings.front().sentence.ends_with("its timeout of 1m30s, and was ended"));
  CHECK(failed.findings.front().evidence.back() == "  row 3");
  // Before that nobody asks for the words of what runs well.
  job["status"].erase("conditions");
  CHECK(words_wanted(subject).empty());
}

TEST_CASE("a job's end is waited for that is known already to have come") {
  const Json job = Json::parse(R"({"kind": "Job", "metadata": {"name": "m", "namespace": "shop", "uid": "j"},
    "spec": {"completions": 1}, "status": {"failed": 1, "conditions": [{"type": "Failed", "status": "True",
      "reason": "BackoffLimitExceeded", "lastTransitionTime": "2026-11-27T11:59:59Z"}]}})");
  Lists lists;
  lists.jobs = {&job};
  const Subject subject = subjects(lists).at("m");
  CHECK(progress_of(subject, {now, "staging", {}}).phase == Phase::under_way);
  CHECK(progress_of(subject, {now + std::chrono::seconds(3), "staging", {}}).failed());
}

TEST_CASE("times as Kubernetes writes them") {
  CHECK(time_from("2026-11-27T12:00:00Z") == now);
  CHECK(time_from("2026-11-27T12:00:00.250000Z") == now + std::chrono::milliseconds(250));
  for (const char* wrong :
       {"", "2026-11-27", "2026-13-27T12:00:00Z", "2026-11-27T12:00:00", "2026-11-27T12:00:00.xZ"})
    CHECK_FALSE(time_from(wrong));
}
