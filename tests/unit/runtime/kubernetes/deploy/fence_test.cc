// A holder that lost its lock and does not know it: whatever it still sends, and whenever, changes nothing.
#include "runtime/kubernetes/deploy/fence.h"

#include "tests/catch.h"
#include "tests/fakes/clock.h"
#include "tests/fakes/cluster.h"

using namespace msctl;
using namespace msctl::kubernetes;
using namespace msctl::kubernetes::deploy;

namespace {

Json object(const std::string& name, const std::string& value) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", name}, {"namespace", "shop"}}},
          {"data", {{"key", value}}}};
}

const Ref one{"v1", "ConfigMap", "one"};

struct World {
  fakes::FakeCluster cluster;
  fakes::FakeClock clock;

  std::unique_ptr<Lock> take(const std::string& by) {
    LockOptions options;
    options.name = lock_name("shop");
    options.holder = {by, "deploy", "", "elsewhere/" + by, 7, "100"};
    options.renewal = std::chrono::hours(1);
    options.sleep = [this](base::Duration time) { clock.advance(time); };
    auto taken = Lock::acquire(cluster, clock, options);
    REQUIRE(taken);
    return *std::move(taken);
  }
  // A request that was on its way when the lock was lost: nobody looks at the lock any more.
  Answer<Json> late_apply(const Lock& old, Json what) {
    what["metadata"]["annotations"][names::epoch] = std::to_string(old.epoch());
    return cluster.apply(what, {});
  }
  std::string value(const Ref& ref) { return cluster.objects.at(ref)["data"]["key"]; }
};

}  // namespace

TEST_CASE("an apply on its way is refused by what the new holder has fenced") {
  World world;
  auto old = world.take("ada");
  Writer first(world.cluster, *old);
  REQUIRE(first.apply(object("one", "first")));
  auto next = world.take("bob");
  REQUIRE(next->was_taken_over());
  Writer second(world.cluster, *next);
  REQUIRE(second.fence(world.cluster.objects.at(one)));
  auto late = world.late_apply(*old, object("one", "late"));
  REQUIRE_FALSE(late);
  CHECK(late.error().kind == Refusal::Kind::conflict);
  CHECK(world.value(one) == "first");
  // The new holder itself goes on.
  REQUIRE(second.apply(object("one", "second")));
  CHECK(world.value(one) == "second");
  CHECK_FALSE(world.late_apply(*old, object("one", "late")));
  CHECK(world.value(one) == "second");
}

TEST_CASE("nor does it change what the new holder has made") {
  World world;
  auto old = world.take("ada");
  auto next = world.take("bob");
  Writer second(world.cluster, *next);
  REQUIRE(second.apply(object("one", "second")));
  CHECK_FALSE(world.late_apply(*old, object("one", "late")));
  CHECK(world.value(one) == "second");
}

TEST_CASE("a late apply between the making of an object and its fence is set right") {
  World world;
  auto old = world.take("ada");
  auto next = world.take("bob");
  Writer second(world.cluster, *next);
  bool done = false;
  world.cluster.before_write = [&](const std::string& what, const Json& object_sent) {
    // The fence, which states nothing but the epoch, is about to be sent.
    if (what == "apply" && !object_sent.contains("data") && !done) {
      done = true;
      CHECK(world.late_apply(*old, object("one", "late")));
    }
    return false;
  };
  REQUIRE(second.apply(object("one", "second")));
  CHECK(done);
  CHECK(world.value(one) == "second");
  CHECK_FALSE(world.late_apply(*old, object("one", "late again")));
  CHECK(world.value(one) == "second");
}

TEST_CASE("a later holder that was given the lock still refuses those of an earlier epoch") {
  World world;
  auto old = world.take("ada");
  world.take("bob").reset();  // taken over, and given back
  auto third = world.take("eve");
  CHECK_FALSE(third->was_taken_over());
  CHECK(third->epoch() == 1);
  Writer writer(world.cluster, *third);
  REQUIRE(writer.apply(object("one", "third")));
  CHECK_FALSE(world.late_apply(*old, object("one", "late")));
  CHECK(world.value(one) == "third");
}

TEST_CASE("a holder that wakes up and goes on finds out") {
  World world;
  auto old = world.take("ada");
  Writer first(world.cluster, *old);
  REQUIRE(first.apply(object("one", "first")));
  const Json seen = world.cluster.objects.at(one);
  auto next = world.take("bob");
  Writer second(world.cluster, *next);
  REQUIRE(second.fence(seen));
  CHECK(first.apply(object("one", "late")).error().code == base::Code::lockLost);
  CHECK(first.remove(seen).error().code == base::Code::lockLost);
  CHECK(world.value(one) == "first");
}

TEST_CASE("a late removal is refused by its preconditions") {
  World world;
  auto old = world.take("ada");
  Writer first(world.cluster, *old);
  REQUIRE(first.apply(object("one", "first")));
  const Json seen = world.cluster.objects.at(one);
  auto next = world.take("bob");
  Writer second(world.cluster, *next);
  REQUIRE(second.fence(seen));
  auto late = world.cluster.remove(one, uid_of(seen), version_of(seen));
  REQUIRE_FALSE(late);
  CHECK(world.cluster.objects.contains(one));
}

TEST_CASE("fields of others are taken, against what was read") {
  World world;
  auto lock = world.take("ada");
  Writer writer(world.cluster, *lock);
  REQUIRE(writer.apply(object("one", "ours")));
  ApplyOptions hand;
  hand.manager = "kubectl-edit";
  hand.force = true;
  REQUIRE(world.cluster.apply(object("one", "by hand"), hand));
  REQUIRE(writer.apply(object("one", "ours again")));
  CHECK(world.value(one) == "ours again");
}

TEST_CASE("replicas stay as they are when an autoscaler takes over") {
  World world;
  auto lock = world.take("ada");
  Writer writer(world.cluster, *lock);
  Json stated{{"apiVersion", "apps/v1"},
              {"kind", "Deployment"},
              {"metadata", {{"name", "orders"}, {"namespace", "shop"}}},
              {"spec", {{"replicas", 4}, {"paused", false}}}};
  auto live = writer.apply(stated);
  REQUIRE(live);
  REQUIRE(writer.hand_over_replicas(*live));
  stated["spec"].erase("replicas");
  auto after = writer.apply(stated);
  REQUIRE(after);
  CHECK((*after)["spec"]["replicas"] == 4);
}
