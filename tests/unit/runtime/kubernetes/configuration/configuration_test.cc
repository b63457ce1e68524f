#include "runtime/kubernetes/configuration/configuration.h"

#include "tests/catch.h"
#include "tests/fakes/cluster.h"

using namespace msctl;
using namespace msctl::kubernetes;

namespace {

Json config_map(const std::string& name, Json data) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", name}, {"uid", name}}},
          {"data", std::move(data)}};
}

// A cluster in which things happen while it is watched.
struct Eventful : fakes::FakeCluster {
  std::vector<WatchEvent> happens;
  Answer<void> watch(const std::vector<Watched>& what, const std::function<bool(const WatchEvent&)>& event,
                     const std::function<bool()>& idle) override {
    asked = what;
    return FakeCluster::watch(
        what,
        [&](const WatchEvent& first) {
          if (!event(first)) return false;
          if (first.kind == WatchEvent::Kind::synced)
            for (const WatchEvent& each : happens)
              if (!event(each)) return false;
          return true;
        },
        idle);
  }
  std::vector<Watched> asked;
};

}  // namespace

TEST_CASE("one ConfigMap is followed, and told when its files are others", "[configuration]") {
  Eventful cluster;
  for (const Json& each :
       {config_map("gateway", {{"gateway.yaml", "one"}}), config_map("other", {{"a", "b"}})})
    cluster.objects[ref_of(each)] = each;
  Json touched = config_map("gateway", {{"gateway.yaml", "one"}});
  touched["metadata"]["annotations"] = {{"a", "b"}};
  const Json changed = config_map("gateway", {{"gateway.yaml", "two"}, {"keys.yaml", "k"}});
  cluster.happens = {{WatchEvent::Kind::set, touched},
                     {WatchEvent::Kind::set, changed},
                     {WatchEvent::Kind::removed, changed}};
  std::vector<Files> told;
  REQUIRE(follow_config_map(
      cluster, "gateway", [&](const Files& files) { told.push_back(files); }, [] { return false; }));
  CHECK(told == std::vector<Files>{{{"gateway.yaml", "one"}}, {{"gateway.yaml", "two"}, {"keys.yaml", "k"}}});
  // By its name, so that a role need not show the others.
  REQUIRE(cluster.asked.size() == 1);
  CHECK(cluster.asked[0].kind == Ref{"v1", "ConfigMap", "gateway"});
}
