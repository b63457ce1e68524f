// A canary from its first object to its end, with gateways that count what a made-up traffic does.
#include "runtime/kubernetes/deploy/trial.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "runtime/kubernetes/canary/weights.h"
#include "runtime/kubernetes/deploy/inventory.h"
#include "tests/catch.h"
#include "tests/fakes/clock.h"
#include "tests/fakes/cluster.h"
#include "tests/unit/runtime/kubernetes/canary/releases.h"

using namespace msctl;
using namespace msctl::kubernetes;
using namespace msctl::kubernetes::deploy;
using namespace std::chrono_literals;

namespace {

const Ref configuration{"v1", "ConfigMap", "gateway"};
const Ref canary_ref{"apps/v1", "Deployment", "orders-canary"};

// What a version does with its requests.
struct Behaviour {
  double errors = 0;  // share
  double slow = 1;    // times as long as the stable version
};

// A namespace whose Deployments are ready at once, and with two gateways that serve `rate` requests a second.
class Stage : public fakes::FakeCluster {
public:
  explicit Stage(fakes::FakeClock& clock) : clock_(clock) {
    for (const char* pod : {"gateway-1", "gateway-2"}) {
      Json made = fakes::object("v1", "Pod", pod, "gateway");
      made["metadata"]["labels"][names::component] = "gateway";
      made["spec"]["containers"] = Json::array(
          {{{"name", "gateway"}, {"ports", Json::array({{{"name", "admin"}, {"containerPort", 9090}}})}}});
      made["status"]["conditions"] = Json::array({{{"type", "Ready"}, {"status", "True"}}});
      objects[ref_of(made)] = made;
    }
  }

  double rate = 200;
  Behaviour fresh;
  bool stuck = false;            // the gateways take in no new configuration
  bool readies = true;           // Deployments become ready
  std::vector<std::string> log;  // what was written, and at which share
  std::function<void()> at_page;

  Answer<Json> apply(const Json& object, const ApplyOptions& options) override {
    flow();
    auto done = FakeCluster::apply(object, options);
    if (!done || options.dry_run) return done;
    log.push_back(fmt::format("apply {} {}", ref_of(object).text(), share()));
    if (object["kind"] == "Deployment" && readies) become_ready(objects.at(ref_of(object)));
    if (ref_of(object) == configuration && !stuck) in_force_ = canary::file_of(objects.at(configuration));
    return done;
  }
  Answer<void> remove(const Ref& ref, const std::string& uid, const std::string& version) override {
    log.push_back(fmt::format("remove {} {}", ref.text(), share()));
    return FakeCluster::remove(ref, uid, version);
  }
  Answer<std::string> ask_pod(const PodRequest& request) override {
    if (refused) return std::unexpected(*refused);
    std::lock_guard guard(traffic_);
    if (request.path == "/config")
      return in_force_.empty() ? canary::file_of(objects.at(configuration)) : in_force_;
    if (request.path != "/metrics") return std::string("ready\n");
    if (at_page) at_page();
    flow();
    const std::string whole = page();
    return cut_short ? whole.substr(0, whole.size() - 1) : whole;
  }
  std::optional<Refusal> refused;
  bool cut_short = false;

  // Time passes while somebody waits for what happens.
  Answer<void> watch(const std::vector<Watched>& what, const std::function<bool(const WatchEvent&)>& event,
                     const std::function<bool()>& idle) override {
    return FakeCluster::watch(what, event, [&] {
      clock_.advance(200ms);
      return idle();
    });
  }

  // A Pod of the canary that ends again and again.
  void crash() {
    Json& deployment = objects.at(canary_ref);
    Json set = fakes::object("apps/v1", "ReplicaSet", "orders-canary-1", "orders-canary");
    set["metadata"]["uid"] = "set";
    set["metadata"]["ownerReferences"] =
        Json::array({{{"uid", uid_of(deployment)}, {"kind", "Deployment"}, {"controller", true}}});
    set["spec"]["template"] = deployment["spec"]["template"];
    set["spec"]["template"]["metadata"]["labels"]["pod-template-hash"] = "1";
    set["metadata"]["labels"]["pod-template-hash"] = "1";
    Json pod = fakes::object("v1", "Pod", "orders-canary-1-a", "orders-canary");
    pod["metadata"]["uid"] = "pod";
    pod["metadata"]["labels"]["pod-template-hash"] = "1";
    pod["metadata"]["ownerReferences"] =
        Json::array({{{"uid", "set"}, {"kind", "ReplicaSet"}, {"controller", true}}});
    pod["spec"] = deployment["spec"]["template"]["spec"];
    pod["spec"]["nodeName"] = "one";
    const Json ended{
        {"terminated", {{"exitCode", 3}, {"reason", "Error"}, {"finishedAt", "2023-11-14T22:13:00Z"}}}};
    pod["status"] = {
        {"phase", "Running"},
        {"containerStatuses", Json::array({{{"name", "orders"},
                                            {"ready", false},
                                            {"restartCount", 4},
                                            {"state", {{"waiting", {{"reason", "CrashLoopBackOff"}}}}},
                                            {"lastState", ended}}})}};
    objects[ref_of(set)] = set;
    objects[ref_of(pod)] = pod;
  }

  static void become_ready(Json& deployment) {
    const int replicas = deployment["spec"].value("replicas", 1);
    deployment["metadata"]["generation"] = deployment["status"]["observedGeneration"] = 1;
    for (const char* each : {"replicas", "updatedReplicas", "readyReplicas", "availableReplicas"})
      deployment["status"][each] = replicas;
  }

  // Percent of the traffic that goes to the canary.
  double share() const {
    constexpr std::string_view mark = "orders-canary: ";
    const std::string& text = in_force_;
    const std::size_t at = text.find(mark);
    if (at == std::string::npos) return 0;
    return std::stod(text.substr(at + mark.size()));
  }

private:
  // Requests since the last time anybody looked.
  void flow() {
    const double seconds = std::chrono::duration<double>(clock_.now() - last_).count();
    last_ = clock_.now();
    const double all = rate * seconds;
    stable_ += all * (100 - share()) / 100;
    fresh_ += all * share() / 100;
  }
  std::string page() const {
    return text_of("orders", stable_, {}) + text_of("orders-canary", fresh_, fresh);
  }

  static std::string text_of(const std::string& upstream, double requests, const Behaviour& as) {
    const double half = std::floor(requests / 2);  // of one of two gateways
    const double errors = std::floor(half * as.errors);
    std::string out = fmt::format(
        "msctl_gateway_requests_total{{route=\"orders\",upstream=\"{0}\",method=\"GET\",status=\"200\"}} "
        "{1}\n"
        "msctl_gateway_requests_total{{route=\"orders\",upstream=\"{0}\",method=\"GET\",status=\"500\"}} "
        "{2}\n",
        upstream, half - errors, errors);
    // Log-normal, with a median of 40 ms.
    constexpr double median = 0.04, spread = 0.6;
    for (const double bound : {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0}) {
      const double below = 0.5 * std::erfc(-std::log(bound / (median * as.slow)) / spread / std::sqrt(2.0));
      out += fmt::format(
          "msctl_gateway_request_duration_seconds_bucket{{route=\"orders\",upstream=\"{}\",le=\"{}\"}} {}\n",
          upstream, bound, std::floor(half * below));
    }
    return out + fmt::format(
                     "msctl_gateway_request_duration_seconds_bucket{{route=\"orders\",upstream=\"{}\",le=\"+"
                     "Inf\"}} {}\n",
                     upstream, half);
  }

  fakes::FakeClock& clock_;
  std::mutex traffic_;
  base::Instant last_{};
  double stable_ = 0, fresh_ = 0;
  std::string in_force_;
};

struct World {
  fakes::FakeClock clock;
  Stage cluster{clock};
  release::Release running = fakes::shop("1"), wanted = fakes::shop("2");
  std::unique_ptr<Lock> lock;
  std::optional<Writer> writer;
  std::vector<std::string> said;
  bool interrupted = false;
  canary::Request request{{5, 50}, 1min, 5};
  std::optional<Trial> trial;

  World() {
    LockOptions options;
    options.name = lock_name("shop");
    options.holder = {"ada", "deploy", "", "elsewhere/ada", 7, "100"};
    options.duration = std::chrono::hours(1000);
    options.renewal = std::chrono::hours(500);
    auto taken = Lock::acquire(cluster, clock, options);
    REQUIRE(taken);
    lock = *std::move(taken);
    writer.emplace(cluster, *lock);
    for (const release::Part& part : running.parts)
      for (const Json& object : part.objects) REQUIRE(writer->apply(object));
    cluster.log.clear();
  }

  base::Errors run() {
    auto choice = canary::choose(wanted, running);
    REQUIRE(choice);
    TrialOptions options;
    options.request = request;
    options.rollout = {
        1min,
        {},
        [this] { return interrupted; },
        [this] { return lock->check(); },
        [this](const std::string& part, const std::string& text) { said.push_back(part + "|" + text); }};
    options.sleep = [this](base::Duration time) { clock.advance(time); };
    trial.emplace(cluster, clock, *writer, wanted, running, *choice, options);
    if (base::Errors problems = trial->check(cluster.objects); !problems.empty()) return problems;
    return trial->run();
  }

  std::vector<std::string> canaries() const {
    std::vector<std::string> out;
    for (const auto& [ref, object] : cluster.objects)
      if (!label(object, names::canary_of).empty()) out.push_back(ref.text());
    return out;
  }
  std::size_t at(const std::string& line) const {
    const auto found = std::ranges::find(cluster.log, line);
    CHECK(found != cluster.log.end());
    return static_cast<std::size_t>(found - cluster.log.begin());
  }
};

}  // namespace

TEST_CASE("a version as good as the one before passes share after share") {
  World world;
  CHECK(world.run().empty());
  CHECK(world.cluster.share() == 50);
  CHECK(world.canaries() ==
        std::vector<std::string>{"Deployment/orders-canary", "NetworkPolicy/orders-canary",
                                 "NetworkPolicy/orders-canary-gateway", "NetworkPolicy/orders-canary-users",
                                 "Service/orders-canary"});
  CHECK(world.cluster.objects.at(canary_ref)["spec"]["replicas"] == 2);
  const Json report = world.trial->report();
  REQUIRE(report["steps"].size() == 2);
  CHECK(report["steps"][0]["result"] == "passed");
  CHECK(report["steps"][0]["replicas"]["orders"] == 1);
  CHECK(report["steps"][1]["judgements"]["orders"]["verdict"] == "better_or_equal");
  CHECK(report["steps"][0]["began"] < report["steps"][0]["ended"]);
}

TEST_CASE("what runs is not touched but for the gateway's configuration") {
  World world;
  const auto before = world.cluster.objects;
  CHECK(world.run().empty());
  for (const auto& [ref, object] : before)
    if (ref != configuration && ref.kind != "Lease") CHECK(world.cluster.objects.at(ref) == object);
}

TEST_CASE("replicas are there before the requests are, and the Service before the replicas") {
  World world;
  CHECK(world.run().empty());
  CHECK(world.at("apply Service/orders-canary 0") < world.at("apply Deployment/orders-canary 0"));
  CHECK(world.at("apply Deployment/orders-canary 0") < world.at("apply ConfigMap/gateway 0"));
  CHECK(world.at("apply Deployment/orders-canary 5") < world.at("apply ConfigMap/gateway 5"));
}

TEST_CASE("a version that fails is given up at once: first the requests go back, then its objects go") {
  World world;
  world.cluster.fresh.errors = 0.2;
  const base::Errors problems = world.run();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].code == base::Code::canaryWorse);
  CHECK(problems[0].message.find("orders: ") == 0);
  CHECK(problems[0].message.find("fail") != std::string::npos);
  CHECK(world.cluster.share() == 0);
  CHECK(world.canaries().empty());
  // The gateway is without it before the first of its objects goes.
  CHECK(world.at("apply ConfigMap/gateway 5") < world.at("remove Deployment/orders-canary 0"));
  CHECK(canary::file_of(world.cluster.objects.at(configuration)) == fakes::gateway_file);
  const Json report = world.trial->report();
  CHECK(report["steps"][0]["result"] == "worse");
  CHECK(report["steps"][0]["judgements"]["orders"]["verdict"] == "worse");
  CHECK_FALSE(report["steps"][1].contains("result"));
  CHECK(world.clock.now() - base::Instant{} < 1min);
}

TEST_CASE("a version that is twice as slow is given up") {
  World world;
  world.cluster.fresh.slow = 2;
  const base::Errors problems = world.run();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].code == base::Code::canaryWorse);
  CHECK(world.cluster.share() == 0);
}

TEST_CASE("too little traffic is undecided after six intervals, with what is missing") {
  World world;
  world.cluster.rate = 20;
  const base::Errors problems = world.run();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].code == base::Code::canaryUndecided);
  CHECK(problems[0].message.find("more are needed") != std::string::npos);
  CHECK(world.clock.now() - base::Instant{} >= 6min);
  CHECK(world.clock.now() - base::Instant{} < 7min);
  CHECK(world.canaries().empty());
}

TEST_CASE("with all of the traffic there is nothing to judge: the rollout may begin") {
  World world;
  world.request.shares = {50, 100};
  CHECK(world.run().empty());
  CHECK(world.cluster.share() == 100);
  CHECK(world.cluster.objects.at(canary_ref)["spec"]["replicas"] == 4);
  CHECK(world.trial->report()["steps"][1]["result"] == "promoting");
}

TEST_CASE("the number of replicas follows what the service has now") {
  World world;
  world.cluster.objects.at({"apps/v1", "Deployment", "orders"})["spec"]["replicas"] = 9;
  CHECK(world.run().empty());
  CHECK(world.cluster.objects.at(canary_ref)["spec"]["replicas"] == 5);
}

TEST_CASE("a gateway that does not take in the weights is told, and nothing stays") {
  World world;
  world.cluster.stuck = true;
  const base::Errors problems = world.run();
  REQUIRE_FALSE(problems.empty());
  CHECK(problems[0].code == base::Code::weightsNotInForce);
  CHECK(world.canaries().empty());
}

TEST_CASE("who may not ask the gateways is told before anything is made") {
  World world;
  Refusal refusal;
  refusal.error.code = base::Code::forbidden;
  world.cluster.refused = refusal;
  const int before = world.cluster.writes;
  const base::Errors problems = world.run();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].code == base::Code::forbidden);
  CHECK(world.cluster.writes == before);
}

TEST_CASE("a canary that does not become ready is taken away, and no request went to it") {
  World world;
  world.cluster.readies = false;
  const base::Errors problems = world.run();
  REQUIRE_FALSE(problems.empty());
  CHECK(problems.back().code == base::Code::deployTimeout);
  CHECK(world.canaries().empty());
  for (const std::string& line : world.cluster.log) CHECK(line.ends_with(" 0"));
}

TEST_CASE("a replica that crashes under its requests is no matter of statistics") {
  World world;
  int pages = 0;
  world.cluster.at_page = [&] {
    if (++pages == 6) world.cluster.crash();
  };
  const base::Errors problems = world.run();
  REQUIRE_FALSE(problems.empty());
  CHECK(problems[0].code == base::Code::podCrashes);
  CHECK(world.cluster.share() == 0);
  CHECK(world.canaries().empty());
  CHECK(world.trial->report()["steps"][0]["result"] == "failed");
}

TEST_CASE("half a page is no evidence") {
  World world;
  int pages = 0;
  world.cluster.at_page = [&] { world.cluster.cut_short = ++pages > 6; };
  const base::Errors problems = world.run();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].code == base::Code::badMetricsText);
  CHECK(world.cluster.share() == 0);
}

TEST_CASE("whoever asks to stop leaves all as it is") {
  World world;
  int pages = 0;
  world.cluster.at_page = [&] { world.interrupted = ++pages > 6; };
  const base::Errors problems = world.run();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].code == base::Code::interrupted);
  CHECK(world.cluster.share() == 5);
  CHECK_FALSE(world.canaries().empty());
}
