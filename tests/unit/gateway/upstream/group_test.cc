#include "gateway/upstream/group.h"

#include <memory>

#include "tests/catch.h"
#include "tests/fakes/clock.h"

namespace msctl::gateway::upstream {
namespace {

// An idle connection as the server has them: it uses its target until it is gone.
struct Link final : IdleLink {
  explicit Link(Target& of) : target(of) { target.enter(); }
  ~Link() override { target.leave(); }
  void close_idle() override { delete this; }
  Target& target;
};

Endpoints endpoints(std::initializer_list<const char*> addresses) {
  std::vector<config::Endpoint> wanted;
  for (const char* each : addresses) wanted.push_back({each, ""});
  return *merge({}, wanted);
}

TEST_CASE("a target that stays keeps its idle connections; one that goes closes them") {
  fakes::FakeClock clock;
  Random random(1);
  Group group(std::make_shared<Gate>());
  Endpoints both = endpoints({"127.0.0.1:1", "127.0.0.1:2"});
  group.set(both);
  Target* first = nullptr;
  Target* second = nullptr;
  while (first == nullptr || second == nullptr) {
    Target* chosen = group.choose(config::Balancing::least_request, random, clock.now());
    (chosen->endpoint == both[0] ? first : second) = chosen;
  }
  first->idle.put(*new Link(*first), clock.now());
  second->idle.put(*new Link(*second), clock.now());
  second->enter();  // a request under way

  group.set({both[0]});
  CHECK(group.choose(config::Balancing::least_request, random, clock.now()) == first);
  CHECK(first->idle.size() == 1);
  CHECK(second->removed());
  CHECK(second->idle.size() == 0);
  second->leave();  // the request ends, and with it the target
  group.set({});
  CHECK(group.empty());
  CHECK(group.choose(config::Balancing::least_request, random, clock.now()) == nullptr);
}

}  // namespace
}  // namespace msctl::gateway::upstream
