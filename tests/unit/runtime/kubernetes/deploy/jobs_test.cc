// Deploys with jobs, whole, in a cluster in memory whose controllers are played.
#include "runtime/kubernetes/deploy/jobs.h"

#include <algorithm>

#include "runtime/kubernetes/deploy/deploy.h"
#include "tests/catch.h"
#include "tests/fakes/clock.h"
#include "tests/fakes/cluster.h"

using namespace msctl;
using namespace msctl::kubernetes;
using namespace msctl::kubernetes::deploy;
using release::Release;

namespace {

using Texts = std::vector<std::string>;

// What is applied is done at once: Deployments are ready, and Jobs end as told.
class Playing : public fakes::FakeCluster {
public:
  std::set<std::string> failing;  // jobs, as their services call them
  std::set<std::string> lasting;  // neither end
  Texts applied;                  // "Job/orders-migrate-1", in their order

  Answer<Json> apply(const Json& object, const ApplyOptions& options) override {
    auto done = FakeCluster::apply(object, options);
    if (!done || options.dry_run || options.manager != names::manager) return done;
    const Ref ref = ref_of(object);
    applied.push_back(ref.text());
    Json& there = objects.at(ref);
    if (ref.kind == "Deployment")
      there["status"] = {
          {"replicas", 1}, {"updatedReplicas", 1}, {"readyReplicas", 1}, {"availableReplicas", 1}};
    if (ref.kind == "Job") play(there, annotation(object, names::job));
    return there;
  }

  Texts jobs() const {
    Texts out;
    for (const auto& [ref, object] : objects)
      if (is_job(ref)) out.push_back(ref.name);
    return out;
  }
  long count(const std::string& text) const { return std::ranges::count(applied, text); }

private:
  void play(Json& job, const std::string& name) {
    if (lasting.contains(name)) return;
    const bool fails = failing.contains(name);
    job["status"]["conditions"] = Json::array({{{"type", fails ? "Failed" : "Complete"},
                                                {"status", "True"},
                                                {"reason", fails ? "BackoffLimitExceeded" : ""}}});
    if (!fails) return;
    Json pod =
        Json::parse(R"({"apiVersion":"v1","kind":"Pod","spec":{"nodeName":"n","containers":[{"name":"main"}]},
      "status":{"phase":"Failed","containerStatuses":[{"name":"main","restartCount":0,
        "state":{"terminated":{"exitCode":3,"reason":"Error"}}}]}})");
    const std::string of = job["metadata"]["name"];
    pod["metadata"] = {
        {"name", of + "-x"},
        {"uid", of + "-x"},
        {"labels", job["metadata"]["labels"]},
        {"ownerReferences", Json::array({{{"uid", job["metadata"]["uid"]}, {"controller", true}}})}};
    lines[of + "-x"] = {"2026-01-31T12:00:00Z no such table"};
    objects[ref_of(pod)] = pod;
  }
};

Json object(const char* version, const char* kind, const std::string& name) {
  return {{"apiVersion", version},
          {"kind", kind},
          {"metadata",
           {{"name", name},
            {"namespace", "shop"},
            {"labels", {{names::name, "orders"}, {names::part_of, "shop"}, {names::managed_by, "msctl"}}}}}};
}

Json deployment(const std::string& version) {
  Json out = object("apps/v1", "Deployment", "orders");
  out["spec"]["template"]["spec"]["containers"] =
      Json::array({{{"name", "main"}, {"image", "r/orders:" + version}}});
  return out;
}

Json job(const std::string& name, const char* when, const std::string& version) {
  Json out = object("batch/v1", "Job", "orders-" + name + "-" + version);
  out["metadata"]["labels"][names::job_of] = "orders";
  out["metadata"]["annotations"] = {{names::job, name}, {names::when, when}};
  out["spec"] = {{"activeDeadlineSeconds", 60}, {"backoffLimit", 0}};
  return out;
}

Release of_version(const std::string& version) {
  Release out;
  out.workspace = "shop";
  out.environment = "staging";
  out.command = "deploy";
  // Not in the order in which they are to be taken.
  out.parts = {{"orders",
                {},
                "r/orders:" + version,
                {job("smoke", "after", version), deployment(version), job("migrate", "before", version),
                 job("index", "before", version), object("v1", "ServiceAccount", "orders")}}};
  return out;
}

struct World {
  Playing cluster;
  fakes::FakeClock clock;
  std::function<bool()> interrupted;
  Texts said;  // of the last deploy

  std::expected<Done, base::Errors> deploy(Release wanted) {
    Options options;
    options.sleep = [this](base::Duration time) { clock.advance(time); };
    options.interrupted = interrupted;
    options.say = [this](const release::Moment& moment) { said.push_back(moment.text); };
    said.clear();
    cluster.applied.clear();
    return deploy::deploy(cluster, clock, std::move(wanted), true, options);
  }
  std::string image() const {
    return cluster.objects.at(
        {"apps/v1", "Deployment", "orders"})["spec"]["template"]["spec"]["containers"][0]["image"];
  }
};

std::vector<base::Code> codes(const std::expected<Done, base::Errors>& done) {
  std::vector<base::Code> out;
  if (!done)
    for (const base::Error& error : done.error()) out.push_back(error.code);
  return out;
}

bool has_job(const Plan& plan) {
  return std::ranges::any_of(plan.steps, [](const Step& step) { return is_job(step.ref); });
}

}  // namespace

TEST_CASE("what a job needs, the jobs before, the version, the jobs after") {
  World world;
  const auto done = world.deploy(of_version("1"));
  REQUIRE(done);
  CHECK(world.cluster.applied == Texts{"ServiceAccount/orders", "Job/orders-migrate-1", "Job/orders-index-1",
                                       "Deployment/orders", "Job/orders-smoke-1"});
  Texts said;
  for (const release::Moment& moment : done->release.timeline)
    if (moment.subject == "orders") said.push_back(moment.text);
  CHECK(said == Texts{"ServiceAccount/orders created", "runs migrate", "migrate has run", "runs index",
                      "index has run", "Deployment/orders created", "is ready", "runs smoke",
                      "smoke has run"});
}

TEST_CASE("a job that has run, or is not there any more, is no change") {
  World world;
  REQUIRE(world.deploy(of_version("1")));
  world.cluster.objects.erase({"batch/v1", "Job", "orders-migrate-1"});
  const auto again = world.deploy(of_version("1"));
  REQUIRE(again);
  CHECK_FALSE(again->plan.has_changes());
  CHECK(again->plan.drift.empty());
  CHECK(world.cluster.applied.empty());
}

TEST_CASE("another version runs its own jobs, and those of the one before go") {
  World world;
  REQUIRE(world.deploy(of_version("1")));
  const auto next = world.deploy(of_version("2"));
  REQUIRE(next);
  CHECK(world.cluster.jobs() == Texts{"orders-index-2", "orders-migrate-2", "orders-smoke-2"});
  Texts means;
  for (const Step& step : next->plan.steps)
    if (is_job(step.ref)) means.insert(means.end(), step.means.begin(), step.means.end());
  CHECK(means == Texts{"runs smoke after all replicas are ready",
                       "runs migrate before the new replicas start",
                       "runs index before the new replicas start",
                       "index of an earlier release; its Pods and their logs go with it",
                       "migrate of an earlier release; its Pods and their logs go with it",
                       "smoke of an earlier release; its Pods and their logs go with it"});
}

TEST_CASE("a job that fails fails the release, and the one before runs on without its jobs") {
  World world;
  REQUIRE(world.deploy(of_version("1")));
  world.cluster.failing = {"migrate"};
  const auto failed = world.deploy(of_version("2"));
  CHECK(codes(failed) == std::vector{base::Code::jobFailed, base::Code::deployFailed});
  CHECK(failed.error().front().message ==
        "orders: the job migrate failed: it ended badly once, as often as it may");
  CHECK(failed.error().front().notes.back() == "  no such table");
  CHECK(world.image() == "r/orders:1");
  // Neither the next job nor the version itself was begun, and nothing of the release before was run again.
  CHECK(world.cluster.applied == Texts{"Job/orders-migrate-2"});
  // It can be looked at.
  CHECK(std::ranges::count(world.cluster.jobs(), "orders-migrate-2") == 1);

  // What has failed is made again.
  const std::string before = uid_of(world.cluster.objects.at({"batch/v1", "Job", "orders-migrate-2"}));
  world.cluster.failing.clear();
  const auto next = world.deploy(of_version("2"));
  REQUIRE(next);
  CHECK(uid_of(world.cluster.objects.at({"batch/v1", "Job", "orders-migrate-2"})) != before);
  CHECK(world.image() == "r/orders:2");
}

TEST_CASE("a job after that fails takes the version back") {
  World world;
  REQUIRE(world.deploy(of_version("1")));
  world.cluster.failing = {"smoke"};
  CHECK(codes(world.deploy(of_version("2"))) == std::vector{base::Code::jobFailed, base::Code::deployFailed});
  CHECK(world.image() == "r/orders:1");
  CHECK(world.cluster.count("Job/orders-migrate-1") == 0);
}

TEST_CASE("a failed job that nobody wants goes with the next deploy") {
  World world;
  REQUIRE(world.deploy(of_version("1")));
  world.cluster.failing = {"migrate"};
  REQUIRE_FALSE(world.deploy(of_version("2")));
  world.cluster.failing.clear();
  REQUIRE(world.deploy(of_version("3")));
  CHECK(world.cluster.jobs() == Texts{"orders-index-3", "orders-migrate-3", "orders-smoke-3"});
}

TEST_CASE("going back runs no job, and plans none") {
  World world;
  REQUIRE(world.deploy(of_version("1")));
  REQUIRE(world.deploy(of_version("2")));
  Release back = of_version("1");
  back.goes_back = true;
  const auto done = world.deploy(back);
  REQUIRE(done);
  CHECK(world.image() == "r/orders:1");
  CHECK(std::ranges::none_of(
      done->plan.steps, [](const Step& step) { return is_job(step.ref) && step.action != Action::remove; }));
  CHECK(world.cluster.jobs().empty());
  // What has been gone back to is as it should be.
  const auto again = world.deploy(of_version("1"));
  REQUIRE(again);
  CHECK_FALSE(again->plan.has_changes());
  CHECK_FALSE(has_job(again->plan));
  // Forward again its jobs run again.
  REQUIRE(world.deploy(of_version("2")));
  CHECK(world.cluster.count("Job/orders-migrate-2") == 1);
}

TEST_CASE("a deploy that was ended between a job and the version does not run the job twice") {
  World world;
  REQUIRE(world.deploy(of_version("1")));
  world.interrupted = [&] { return world.cluster.count("Job/orders-index-2") > 0; };
  CHECK(codes(world.deploy(of_version("2"))) == std::vector{base::Code::interrupted});
  CHECK(world.image() == "r/orders:1");
  world.interrupted = {};
  REQUIRE(world.deploy(of_version("2")));
  CHECK(world.cluster.applied == Texts{"Deployment/orders", "Job/orders-smoke-2"});
  CHECK(world.image() == "r/orders:2");
}

TEST_CASE("no job is started beside the one of a deploy that was killed") {
  World world;
  REQUIRE(world.deploy(of_version("1")));
  world.cluster.lasting = {"migrate"};
  world.interrupted = [&] { return world.cluster.count("Job/orders-migrate-2") > 0; };
  CHECK(codes(world.deploy(of_version("2"))) == std::vector{base::Code::interrupted});
  // Until it has ended, or somebody has enough of waiting.
  int asked = 0;
  world.interrupted = [&] { return ++asked > 20; };
  CHECK(codes(world.deploy(of_version("3"))) == std::vector{base::Code::interrupted});
  CHECK(world.said.back() == "waits for orders-migrate-2 of an earlier deploy");
  CHECK(world.cluster.count("Job/orders-migrate-3") == 0);
}

TEST_CASE("what somebody has changed of a job that has run is put right, and it does not run again") {
  World world;
  REQUIRE(world.deploy(of_version("1")));
  Json& there = world.cluster.objects.at({"batch/v1", "Job", "orders-migrate-1"});
  const std::string uid = uid_of(there);
  there["metadata"]["labels"][names::name] = "other";
  REQUIRE(world.deploy(of_version("1")));
  CHECK(there["metadata"]["labels"][names::name] == "orders");
  CHECK(uid_of(there) == uid);
  CHECK(std::ranges::count(world.said, "runs migrate") == 0);
  const auto again = world.deploy(of_version("1"));
  REQUIRE(again);
  CHECK_FALSE(again->plan.has_changes());
}

TEST_CASE("before a canary: the jobs before, and what is new and they need") {
  Plan plan;
  auto add = [&](const std::string& part, Json made, Action action) {
    made["metadata"]["name"] = part + "-" + made["metadata"]["name"].get<std::string>();
    Step step;
    step.part = part;
    step.ref = ref_of(made);
    step.action = action;
    (action == Action::remove ? step.live : step.object) = std::move(made);
    plan.steps.push_back(std::move(step));
  };
  Json policy = object("networking.k8s.io/v1", "NetworkPolicy", "jobs");
  policy["metadata"]["labels"][names::job_of] = "orders";
  for (const char* part : {"orders", "users"}) {
    add(part, object("v1", "ConfigMap", "settings"), Action::create);
    add(part, object("networking.k8s.io/v1", "NetworkPolicy", "own"), Action::update);
    add(part, policy, Action::update);
    add(part, job("migrate", "before", "2"), Action::create);
    add(part, deployment("2"), Action::update);
    add(part, job("smoke", "after", "2"), Action::create);
    add(part, job("migrate", "before", "1"), Action::remove);
  }
  Texts taken;
  for (const Step& step : jobs_before_canary(plan, {"orders"}).steps) taken.push_back(step.ref.text());
  CHECK(taken ==
        Texts{"ConfigMap/orders-settings", "NetworkPolicy/orders-jobs", "Job/orders-orders-migrate-2"});
  std::erase_if(plan.steps, [](const Step& step) { return is_job(step.ref); });
  CHECK(jobs_before_canary(plan, {"orders"}).steps.empty());
}

TEST_CASE("without a job before it all of a part is applied as it stands") {
  Step account, version, smoke;
  account.ref = {"v1", "ServiceAccount", "orders"};
  version.ref = {"apps/v1", "Deployment", "orders"};
  smoke.ref = {"batch/v1", "Job", "orders-smoke-1"};
  smoke.object = job("smoke", "after", "1");
  const Stages stages = stages_of({&version, &smoke, &account});
  CHECK(stages.first == std::vector<const Step*>{&version, &account});
  CHECK(stages.after == std::vector<const Step*>{&smoke});
  CHECK(stages.before.empty());
  CHECK(stages.then.empty());
}
