#include "runtime/kubernetes/lock/lock.h"

#include "tests/catch.h"
#include "tests/fakes/clock.h"
#include "tests/fakes/cluster.h"

using namespace msctl;
using namespace msctl::kubernetes;
using std::chrono::seconds;

namespace {

struct World {
  fakes::FakeCluster cluster;
  fakes::FakeClock clock;
  std::vector<std::string> waited_for;

  LockOptions options(const std::string& by) {
    LockOptions out;
    out.name = lock_name("shop");
    out.holder = {by, "deploy", "2026-01-01T00:00:00.000Z", "elsewhere/" + by, 7, "100"};
    out.renewal = std::chrono::hours(1);  // by hand, in these tests
    out.waiting = [this](const Holder& holder) { waited_for.push_back(holder.by); };
    out.sleep = [this](base::Duration time) { clock.advance(time); };
    return out;
  }
  base::Result<std::unique_ptr<Lock>> take(const std::string& by) {
    return Lock::acquire(cluster, clock, options(by));
  }
};

}  // namespace

TEST_CASE("a free lock is taken, keeps the standing, and is given back") {
  World world;
  {
    auto lock = world.take("ada");
    REQUIRE(lock);
    CHECK((*lock)->epoch() == 0);
    CHECK_FALSE((*lock)->was_taken_over());
    CHECK((*lock)->check());
    REQUIRE((*lock)->set({3, 4, 4}));
    auto view = look_at_lock(world.cluster, lock_name("shop"));
    REQUIRE(view);
    REQUIRE(view->holder);
    CHECK(view->holder->by == "ada");
    CHECK(view->standing.pending == 4);
  }
  auto view = look_at_lock(world.cluster, lock_name("shop"));
  REQUIRE(view);
  CHECK_FALSE(view->holder);
  CHECK(view->standing.current == 3);
  auto next = world.take("bob");
  REQUIRE(next);
  CHECK((*next)->epoch() == 0);
  CHECK((*next)->standing().last == 4);
}

TEST_CASE("one that is held and renewed is waited for, and told") {
  World world;
  auto lock = world.take("ada");
  REQUIRE(lock);
  LockOptions options = world.options("bob");
  options.patience = seconds(60);
  // The holder renews as time goes by.
  options.sleep = [&](base::Duration time) {
    world.clock.advance(time);
    REQUIRE((*lock)->set((*lock)->standing()));
  };
  auto other = Lock::acquire(world.cluster, world.clock, options);
  REQUIRE_FALSE(other);
  CHECK(other.error().code == base::Code::deployLocked);
  CHECK(other.error().message.find("ada") != std::string::npos);
  CHECK(world.waited_for == std::vector<std::string>{"ada"});
}

TEST_CASE("one that is not renewed is taken over after its whole duration, in a new epoch") {
  World world;
  auto lock = world.take("ada");
  REQUIRE(lock);
  const base::Instant begin = world.clock.now();
  auto other = world.take("bob");
  REQUIRE(other);
  CHECK(world.clock.now() - begin >= seconds(15));
  CHECK((*other)->was_taken_over());
  CHECK((*other)->epoch() == 1);
  // The first one may send nothing any more, long before that.
  auto ours = (*lock)->check();
  REQUIRE_FALSE(ours);
  CHECK(ours.error().code == base::Code::lockLost);
  CHECK((*lock)->set({1, 1, 1}).error().code == base::Code::lockLost);
  CHECK((*other)->standing().current == 0);
}

TEST_CASE("a holder stops sending before anybody may take its place") {
  World world;
  auto lock = world.take("ada");
  REQUIRE(lock);
  world.clock.advance(seconds(9));
  CHECK((*lock)->check());
  world.clock.advance(seconds(2));
  CHECK_FALSE((*lock)->check());
}

TEST_CASE("a process of this machine that is gone is taken over at once") {
  World world;
  Holder gone = this_holder("deploy", world.clock.wall());
  CHECK_FALSE(is_gone(gone));
  gone.started = "1";  // another process with the same number
  CHECK(is_gone(gone));
  LockOptions options = world.options("ada");
  options.holder = gone;
  auto lock = Lock::acquire(world.cluster, world.clock, options);
  REQUIRE(lock);
  const base::Instant begin = world.clock.now();
  auto other = world.take("bob");
  REQUIRE(other);
  CHECK(world.clock.now() == begin);
  CHECK((*other)->was_taken_over());
}

TEST_CASE("a lost answer to a renewal is no loss of the lock") {
  World world;
  auto lock = world.take("ada");
  REQUIRE(lock);
  // The renewal took effect, and nobody has told us.
  Json lease = world.cluster.objects.begin()->second;
  lease["spec"]["renewTime"] = "2026-01-01T00:00:05.000000Z";
  REQUIRE(world.cluster.replace(lease));
  CHECK((*lock)->set({1, 0, 1}));
  CHECK((*lock)->check());
}
