// The supervisor under a clock that tests move, with a world that only takes notes.
#include "runtime/local/supervisor/supervisor.h"

#include <algorithm>
#include <map>
#include <utility>

#include "tests/catch.h"
#include "tests/fakes/clock.h"

using namespace msctl;
using namespace msctl::local;

namespace {

struct World final : Effects {
  std::vector<std::string> built, started, terminated, killed, balanced_names;
  std::map<std::string, std::uint64_t> instance;  // of a replica's latest start
  std::map<std::string, std::vector<std::string>> balanced;
  std::vector<std::pair<std::uint64_t, Probe>> probes;
  std::vector<Event> events;
  int port = 20000;

  void build(const std::string& service) override { built.push_back(service); }
  int start(const Replica& replica) override {
    started.push_back(replica.id());
    instance[replica.id()] = replica.instance;
    return ++port;
  }
  void terminate(const Replica& replica) override { terminated.push_back(replica.id()); }
  void kill(const Replica& replica) override { killed.push_back(replica.id()); }
  void probe(const Replica& replica, Probe what, base::Duration) override {
    probes.emplace_back(replica.instance, what);
  }
  void balance(const std::string& service, const std::vector<const Replica*>& ready) override {
    balanced[service].clear();
    for (const Replica* replica : ready) balanced[service].push_back(replica->id());
  }
  void report(const Event& event) override { events.push_back(event); }
};

struct Bench {
  fakes::FakeClock clock;
  World world;
  Policy policy;
  Supervisor supervisor;

  explicit Bench(std::vector<ServiceSpec> services)
      : supervisor(clock, world, Policy{}, std::move(services)) {
    supervisor.start();
  }
  void up(const std::string& id) {
    supervisor.spawned(world.instance.at(id), 100);
    supervisor.probed(world.instance.at(id), Probe::ready, true, "");
  }
  void die(const std::string& id) { supervisor.ended(world.instance.at(id), "exit status 1", "oh"); }
  void pass(base::Duration time) {
    clock.advance(time);
    supervisor.tick();
  }
  State state(const std::string& name) const {
    return supervisor.state_of(*std::as_const(supervisor).find(name));
  }
  int starts(const std::string& id) const { return static_cast<int>(std::ranges::count(world.started, id)); }
};

ServiceSpec spec(std::string name, std::vector<std::string> needs = {}, int replicas = 1) {
  ServiceSpec out;
  out.name = std::move(name);
  out.needs = std::move(needs);
  out.replicas = replicas;
  return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a service starts the moment its needs are ready, and not before") {
  Bench bench({spec("a", {"b", "c"}), spec("b"), spec("c", {"b"})});
  CHECK(bench.world.started == Names{"b-1"});
  CHECK(bench.state("a") == State::pending);
  bench.up("b-1");
  CHECK(bench.world.started == Names{"b-1", "c-1"});
  bench.up("c-1");
  CHECK(bench.world.started == Names{"b-1", "c-1", "a-1"});
  CHECK_FALSE(bench.supervisor.all_ready());
  bench.up("a-1");
  CHECK(bench.supervisor.all_ready());
}

TEST_CASE("a service waits for its own build; a failed build stops its dependents, with the reason") {
  ServiceSpec built = spec("b");
  built.builds = true;
  Bench bench({spec("a", {"b"}), built});
  CHECK(bench.world.built == Names{"b"});
  CHECK(bench.world.started.empty());
  CHECK(bench.state("b") == State::building);
  bench.supervisor.build_ended("b", base::fail(base::Code::buildFailed, "b does not build").error());
  CHECK(bench.state("b") == State::failed);
  auto why = bench.supervisor.hopeless({"a"});
  REQUIRE(why);
  CHECK(why->code == base::Code::buildFailed);
  CHECK(why->message.find("a waits for b") == 0);
  auto condition = bench.supervisor.conditions(*std::as_const(bench.supervisor).find("a")).front();
  CHECK(condition.code == "MSC2011");

  SECTION("restart builds again") {
    REQUIRE(bench.supervisor.restart({"b"}));
    CHECK(bench.world.built == Names{"b", "b"});
    bench.supervisor.build_ended("b", std::nullopt);
    CHECK(bench.world.started == Names{"b-1"});
  }
}

TEST_CASE("readiness is asked at once, then after growing pauses") {
  Bench bench({spec("a")});
  bench.supervisor.spawned(bench.world.instance["a-1"], 7);
  CHECK(bench.world.probes.size() == 1);
  std::vector<base::Duration> pauses;
  for (int i = 0; i < 40; ++i) {
    bench.supervisor.probed(bench.world.instance["a-1"], Probe::ready, false, "refused");
    pauses.push_back(*bench.supervisor.deadline() - bench.clock.now());
    bench.pass(pauses.back());
  }
  CHECK(pauses.front() == 500us);
  CHECK(std::ranges::is_sorted(pauses));
  CHECK(pauses.back() <= 1s);
  CHECK(bench.world.probes.size() == 41);
}

TEST_CASE("the first restart is immediate, the next ones wait twice as long each, and stability forgives") {
  Bench bench({spec("a")});
  bench.up("a-1");
  bench.pass(1s);
  bench.die("a-1");
  CHECK(bench.starts("a-1") == 2);
  bench.up("a-1");
  bench.die("a-1");
  CHECK(bench.state("a") == State::backoff);
  bench.pass(99ms);
  CHECK(bench.starts("a-1") == 2);
  bench.pass(1ms);
  CHECK(bench.starts("a-1") == 3);
  bench.up("a-1");
  bench.die("a-1");
  bench.pass(199ms);
  CHECK(bench.starts("a-1") == 3);
  bench.pass(1ms);
  CHECK(bench.starts("a-1") == 4);
  bench.up("a-1");
  bench.clock.advance(10s);
  bench.die("a-1");
  CHECK(bench.starts("a-1") == 5);
  CHECK(std::as_const(bench.supervisor).find("a")->replicas.front().restarts == 4);
}

TEST_CASE("five crashes in a row before being ready are a failure for good, and it is still tried") {
  Bench bench({spec("a")});
  for (int i = 0; i < 4; ++i) {
    bench.die("a-1");
    bench.pass(1s);
    CHECK_FALSE(bench.supervisor.hopeless({"a"}));
  }
  bench.die("a-1");
  auto why = bench.supervisor.hopeless({"a"});
  REQUIRE(why);
  CHECK(why->code == base::Code::crashed);
  CHECK(why->notes.front() == "last words: oh");
  CHECK(bench.state("a") == State::failed);
  bench.pass(30s);
  bench.up("a-1");
  CHECK(bench.state("a") == State::ready);
  CHECK_FALSE(bench.supervisor.hopeless({"a"}));
}

TEST_CASE("the pause between restarts has a limit") {
  Bench bench({spec("a")});
  for (int i = 0; i < 60; ++i) {
    bench.die("a-1");
    if (i > 0) CHECK(*bench.supervisor.deadline() - bench.clock.now() <= 30s);
    bench.pass(30s);
  }
  CHECK(bench.starts("a-1") == 61);
}

TEST_CASE("never ready: a failure after the time-out, with the check's last answer") {
  Bench bench({spec("a")});
  bench.supervisor.spawned(bench.world.instance["a-1"], 7);
  bench.supervisor.probed(bench.world.instance["a-1"], Probe::ready, false, "GET /health/ready answers 503");
  bench.pass(61s);
  auto why = bench.supervisor.hopeless({"a"});
  REQUIRE(why);
  CHECK(why->code == base::Code::neverReady);
  CHECK(why->message.find("answers 503") != std::string::npos);
}

TEST_CASE("what the system refuses to start fails at once and is not repeated") {
  Bench bench({spec("a")});
  bench.supervisor.refused(bench.world.instance["a-1"],
                           base::fail(base::Code::startFailed, "no such file").error());
  CHECK(bench.state("a") == State::failed);
  bench.pass(60s);
  CHECK(bench.starts("a-1") == 1);
  REQUIRE(bench.supervisor.restart({"a"}));
  CHECK(bench.starts("a-1") == 2);
}

TEST_CASE("an unready replica is out of balance until it is ready again") {
  Bench bench({spec("a", {}, 2)});
  bench.up("a-1");
  bench.up("a-2");
  CHECK(bench.world.balanced["a"] == Names{"a-1", "a-2"});
  bench.supervisor.probed(bench.world.instance["a-1"], Probe::ready, false, "503");
  CHECK(bench.world.balanced["a"] == Names{"a-2"});
  CHECK(bench.state("a") == State::unready);
  bench.supervisor.probed(bench.world.instance["a-1"], Probe::ready, true, "");
  CHECK(bench.world.balanced["a"] == Names{"a-1", "a-2"});
}

TEST_CASE("a crash takes the replica out of balance") {
  Bench bench({spec("a", {}, 2)});
  bench.up("a-1");
  bench.up("a-2");
  bench.die("a-2");
  CHECK(bench.world.balanced["a"] == Names{"a-1"});
}

TEST_CASE("not live three times in a row: restarted, SIGKILL after a short grace") {
  ServiceSpec checked = spec("a");
  checked.checks_live = true;
  Bench bench({checked});
  bench.up("a-1");
  std::uint64_t instance = bench.world.instance["a-1"];
  bench.pass(5s);
  CHECK(std::ranges::count(bench.world.probes, std::pair{instance, Probe::live}) == 1);
  bench.supervisor.probed(instance, Probe::live, false, "no answer");
  bench.supervisor.probed(instance, Probe::live, false, "no answer");
  CHECK(bench.world.terminated.empty());
  bench.supervisor.probed(instance, Probe::live, false, "no answer");
  CHECK(bench.world.terminated == Names{"a-1"});
  CHECK(bench.world.balanced["a"].empty());
  bench.pass(2s);
  CHECK(bench.world.killed == Names{"a-1"});
  bench.die("a-1");
  CHECK(bench.starts("a-1") == 2);
}

TEST_CASE("scaling up takes the lowest free numbers, scaling down the highest, drained first") {
  Bench bench({spec("a")});
  bench.up("a-1");
  REQUIRE(bench.supervisor.scale({{"a", 3}}));
  CHECK(bench.world.started == Names{"a-1", "a-2", "a-3"});
  bench.up("a-2");
  bench.up("a-3");
  REQUIRE(bench.supervisor.scale({{"a", 1}}));
  CHECK(bench.world.balanced["a"] == Names{"a-1"});
  CHECK(bench.world.terminated.empty());
  bench.pass(100ms);
  CHECK(bench.world.terminated == Names{"a-2", "a-3"});
  bench.die("a-3");
  bench.die("a-2");
  CHECK(std::as_const(bench.supervisor).find("a")->replicas.size() == 1);
  CHECK(bench.state("a") == State::ready);
  REQUIRE(bench.supervisor.scale({{"a", 0}}));
  bench.pass(100ms);
  bench.die("a-1");
  CHECK(bench.state("a") == State::idle);
  CHECK(bench.supervisor.all_ready());
}

TEST_CASE("scale and others refuse what is unknown, and then do nothing") {
  Bench bench({spec("orders")});
  auto refused = bench.supervisor.scale({{"orders", 2}, {"ordres", 2}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == base::Code::unknownName);
  CHECK(refused.error().suggestion.find("orders") != std::string::npos);
  CHECK(bench.world.started.size() == 1);
  CHECK(bench.supervisor.scale({{"orders", -1}}).error().code == base::Code::usage);
}

TEST_CASE("a restart goes replica by replica, the next when the one before is ready") {
  Bench bench({spec("a", {}, 2)});
  bench.up("a-1");
  bench.up("a-2");
  REQUIRE(bench.supervisor.restart({"a"}));
  CHECK(bench.world.balanced["a"] == Names{"a-2"});
  bench.pass(100ms);
  CHECK(bench.world.terminated == Names{"a-1"});
  bench.die("a-1");
  CHECK(bench.starts("a-1") == 2);
  CHECK(bench.world.terminated.size() == 1);
  bench.up("a-1");
  bench.pass(100ms);
  CHECK(bench.world.terminated == Names{"a-1", "a-2"});
  bench.die("a-2");
  bench.up("a-2");
  CHECK(bench.supervisor.all_ready());
}

TEST_CASE("the end goes in reverse order of needs, as parallel as they allow") {
  Bench bench({spec("a", {"b"}), spec("b", {"d"}), spec("c", {"d"}), spec("d")});
  bench.up("d-1");
  bench.up("b-1");
  bench.up("c-1");
  bench.up("a-1");
  bench.supervisor.stop_all();
  CHECK(bench.world.terminated == Names{"a-1", "c-1"});
  bench.die("c-1");
  CHECK(bench.world.terminated.size() == 2);
  bench.die("a-1");
  CHECK(bench.world.terminated == Names{"a-1", "c-1", "b-1"});
  bench.die("b-1");
  CHECK(bench.world.terminated.back() == "d-1");
  CHECK_FALSE(bench.supervisor.finished());
  bench.die("d-1");
  CHECK(bench.supervisor.finished());
  CHECK(bench.world.started.size() == 4);
}

TEST_CASE(
    "the end: what ignores SIGTERM is killed after the grace, what waits for its restart is not started") {
  Bench bench({spec("a"), spec("b")});
  bench.up("a-1");
  bench.die("b-1");
  bench.die("b-1");
  CHECK(bench.state("b") == State::backoff);
  bench.supervisor.stop_all();
  bench.pass(10s);
  CHECK(bench.world.killed == Names{"a-1"});
  bench.die("a-1");
  CHECK(bench.supervisor.finished());
  bench.pass(60s);
  CHECK(bench.starts("b-1") == 2);
}

TEST_CASE("a crash during the end is no reason to restart") {
  Bench bench({spec("a", {"b"}), spec("b")});
  bench.up("b-1");
  bench.up("a-1");
  bench.supervisor.stop_all();
  bench.die("b-1");
  CHECK(bench.starts("b-1") == 1);
  bench.die("a-1");
  CHECK(bench.supervisor.finished());
}

TEST_CASE("kill_all kills everything at once") {
  Bench bench({spec("a", {"b"}), spec("b")});
  bench.up("b-1");
  bench.up("a-1");
  bench.supervisor.kill_all();
  std::ranges::sort(bench.world.killed);
  CHECK(bench.world.killed == Names{"a-1", "b-1"});
}

TEST_CASE("a stopped service is gone, its dependents stay, and restart brings it back") {
  Bench bench({spec("a", {"b"}), spec("b")});
  bench.up("b-1");
  bench.up("a-1");
  REQUIRE(bench.supervisor.stop({"b"}));
  bench.pass(100ms);
  CHECK(bench.state("b") == State::stopping);
  bench.die("b-1");
  CHECK(bench.state("b") == State::stopped);
  CHECK(bench.state("a") == State::ready);
  REQUIRE(bench.supervisor.restart({"b"}));
  CHECK(bench.starts("b-1") == 2);
}

TEST_CASE("what runs elsewhere counts as ready and cannot be scaled") {
  ServiceSpec external = spec("redis");
  external.external = true;
  Bench bench({spec("a", {"redis"}), external});
  CHECK(bench.world.started == Names{"a-1"});
  CHECK(bench.supervisor.scale({{"redis", 2}}).error().code == base::Code::usage);
}

TEST_CASE("news of an earlier process is ignored") {
  Bench bench({spec("a")});
  bench.up("a-1");
  std::uint64_t old = bench.world.instance["a-1"];
  bench.die("a-1");
  bench.supervisor.probed(old, Probe::ready, true, "");
  bench.supervisor.ended(old, "exit status 0", "");
  CHECK(bench.state("a") == State::starting);
  CHECK(bench.starts("a-1") == 2);
}
