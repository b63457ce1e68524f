// What a release refers to, and what has to be made for it.
#include "runtime/kubernetes/deploy/secrets.h"

#include <fmt/format.h>

#include "tests/catch.h"
#include "tests/fakes/cluster.h"

using namespace msctl;
using namespace msctl::kubernetes;
using namespace msctl::kubernetes::deploy;

namespace {

Json with_reference(const char* kind, const std::string& name, const std::string& secret) {
  Json out{{"apiVersion", std::string(kind) == "Job" ? "batch/v1" : "apps/v1"},
           {"kind", kind},
           {"metadata", {{"name", name}, {"labels", {{names::name, "orders"}}}}}};
  out["spec"]["template"]["spec"]["containers"] = Json::array(
      {{{"name", "orders"},
        {"env", Json::array({{{"name", "A"}, {"value", "b"}},
                             {{"name", "KEY"},
                              {"valueFrom", {{"secretKeyRef", {{"name", secret}, {"key", "KEY"}}}}}}})}}});
  return out;
}

// As it is rendered: it refers to a Secret of the service's own name.
release::Release rendered() {
  release::Release out;
  out.workspace = "shop";
  out.parts.push_back({"orders", {}, {}, {with_reference("Deployment", "orders", "orders")}});
  out.parts.push_back({"users", {}, {}, {}});
  return out;
}

std::string reference(const Json& object) {
  return object["spec"]["template"]["spec"]["containers"][0]["env"][1]["valueFrom"]["secretKeyRef"]["name"];
}

// What somebody may not read, or a cluster that does not answer.
class Refusing : public fakes::FakeCluster {
public:
  std::optional<base::Code> refuses;

  Answer<Json> get(const Ref& ref) override {
    if (!refuses || ref.kind != "Secret") return FakeCluster::get(ref);
    Refusal out;
    out.error = base::fail(*refuses, "no").error();
    return std::unexpected(out);
  }
};

struct World {
  Refusing cluster;
  Ground ground;
  int versions = 0;

  release::Release settle(const SecretValues& values, Secrets* out = nullptr,
                          release::Release wanted = rendered()) {
    auto settled =
        settle_secrets(cluster, wanted, ground, values, [&] { return fmt::format("{:010x}", ++versions); });
    REQUIRE(settled);
    if (out != nullptr) *out = *settled;
    return wanted;
  }
  // As if it had been deployed.
  void run(const release::Release& release, const Secrets& secrets) {
    for (const Json& each : secrets.make) REQUIRE(cluster.create(each));
    ground.running = release;
  }
};

const SecretValues first{{"orders", {{"KEY", "hush"}, {"OTHER", "1"}}}};
const SecretValues second{{"orders", {{"KEY", "new"}, {"OTHER", "1"}}}};

}  // namespace

TEST_CASE("values get a Secret of a version of their own, and the objects refer to it") {
  World world;
  Secrets made;
  const auto release = world.settle(first, &made);
  CHECK(reference(release.parts[0].objects[0]) == "orders-secrets-0000000001");
  REQUIRE(made.make.size() == 1);
  const Json& secret = made.make[0];
  CHECK(secret["metadata"]["name"] == "orders-secrets-0000000001");
  CHECK(secret["immutable"] == true);
  CHECK(secret["data"]["KEY"] == "aHVzaA==");
  CHECK(label(secret, names::part_of) == "shop");
  CHECK(made.changed.at("orders") == std::vector<std::string>{"KEY", "OTHER"});
  CHECK(secrets_of(release) == std::vector<std::string>{"orders-secrets-0000000001"});
  // What is recorded has no value in it.
  CHECK(release::to_json(release).dump().find("aHVzaA") == std::string::npos);
  CHECK(world.cluster.writes == 0);
}

TEST_CASE("the same values keep their version; others make one, and only they are told") {
  World world;
  Secrets made;
  world.run(world.settle(first, &made), made);
  Secrets again;
  CHECK(reference(world.settle(first, &again).parts[0].objects[0]) == "orders-secrets-0000000001");
  CHECK(again.make.empty());
  CHECK(again.changed.empty());
  Secrets other;
  CHECK(reference(world.settle(second, &other).parts[0].objects[0]) == "orders-secrets-0000000002");
  CHECK(other.changed.at("orders") == std::vector<std::string>{"KEY"});
}

TEST_CASE("what a killed deploy has made is used again") {
  World world;
  Secrets made;
  world.run(world.settle(first, &made), made);
  Secrets killed;
  world.ground.unfinished = world.settle(second, &killed);
  REQUIRE(world.cluster.create(killed.make.at(0)));
  Secrets next;
  CHECK(reference(world.settle(second, &next).parts[0].objects[0]) == "orders-secrets-0000000002");
  CHECK(next.make.empty());
}

TEST_CASE("a Secret that is gone is made anew") {
  World world;
  Secrets made;
  world.run(world.settle(first, &made), made);
  world.cluster.objects.clear();
  Secrets next;
  CHECK(reference(world.settle(first, &next).parts[0].objects[0]) == "orders-secrets-0000000002");
  CHECK(next.make.size() == 1);
}

TEST_CASE("a Job with other values is another Job") {
  World world;
  auto wanted = rendered();
  wanted.parts[0].objects.push_back(with_reference("Job", "orders-migrate-0123456789", "orders"));
  Secrets made;
  const auto one = world.settle(first, &made, wanted);
  const std::string name = one.parts[0].objects[1]["metadata"]["name"];
  CHECK(name.starts_with("orders-migrate-"));
  CHECK(name != "orders-migrate-0123456789");
  CHECK(name.size() == std::string("orders-migrate-0123456789").size());
  CHECK(reference(one.parts[0].objects[1]) == "orders-secrets-0000000001");
  world.run(one, made);
  CHECK(world.settle(first, nullptr, wanted).parts[0].objects[1]["metadata"]["name"] == name);
  CHECK(world.settle(second, nullptr, wanted).parts[0].objects[1]["metadata"]["name"] != name);
}

TEST_CASE("of a Secret that somebody has made the Pods say which one it was") {
  World world;
  const auto without = world.settle({});
  CHECK(reference(without.parts[0].objects[0]) == "orders");
  CHECK_FALSE(without.parts[0].objects[0]["spec"]["template"].contains("metadata"));
  Json secret{{"apiVersion", "v1"},
              {"kind", "Secret"},
              {"metadata", {{"name", "orders"}}},
              {"data", {{"KEY", "YQ=="}}}};
  REQUIRE(world.cluster.create(secret));
  const auto marked = [&] {
    return world.settle({})
        .parts[0]
        .objects[0]["spec"]["template"]["metadata"]["annotations"]["msctl.dev/secrets"]
        .get<std::string>();
  };
  const std::string seen = marked();
  CHECK(seen == marked());
  Json there = *world.cluster.get({"v1", "Secret", "orders"});
  there["data"]["KEY"] = "Yg==";
  REQUIRE(world.cluster.replace(there));
  CHECK(marked() != seen);
}

TEST_CASE("a Secret of somebody else that cannot be looked at is left out only where it may not be read") {
  World world;
  auto wanted = rendered();
  world.cluster.refuses = base::Code::forbidden;
  REQUIRE(settle_secrets(world.cluster, wanted, world.ground, {}, fresh_version));
  CHECK_FALSE(wanted.parts[0].objects[0]["spec"]["template"].contains("metadata"));
  // Otherwise its Pods would restart because the cluster was busy.
  world.cluster.refuses = base::Code::clusterUnreachable;
  const auto settled = settle_secrets(world.cluster, wanted, world.ground, {}, fresh_version);
  REQUIRE_FALSE(settled);
  CHECK(settled.error()[0].code == base::Code::clusterUnreachable);
}

TEST_CASE("who may not read what runs cannot deploy values; a plan says that it does not know") {
  World world;
  Secrets made;
  world.run(world.settle(first, &made), made);
  world.cluster.refuses = base::Code::forbidden;
  auto wanted = rendered();
  const auto refused = settle_secrets(world.cluster, wanted, world.ground, first, fresh_version);
  REQUIRE_FALSE(refused);
  CHECK(refused.error()[0].code == base::Code::forbidden);

  const auto told = settle_secrets(world.cluster, wanted, world.ground, first, fresh_version, Unread::told);
  REQUIRE(told);
  Plan plan;
  plan.steps.emplace_back();
  plan.steps[0].part = "orders";
  plan.steps[0].ref = {"apps/v1", "Deployment", "orders"};
  plan.steps[0].action = Action::update;
  add_meaning(*told, plan);
  CHECK(plan.steps[0].means ==
        std::vector<std::string>{
            "perhaps new values of KEY, OTHER: the Secret orders-secrets-0000000001 may not be read"});
}

TEST_CASE("going back needs the Secret that the release was deployed with") {
  World world;
  Secrets made;
  auto earlier = world.settle(first, &made);
  world.run(earlier, made);
  earlier.id = 3;
  earlier.goes_back = true;
  const auto same = earlier;
  REQUIRE(settle_secrets(world.cluster, earlier, world.ground, {}, fresh_version));
  CHECK(release::to_json(earlier) == release::to_json(same));
  world.cluster.objects.clear();
  const auto gone = settle_secrets(world.cluster, earlier, world.ground, {}, fresh_version);
  REQUIRE_FALSE(gone);
  CHECK(gone.error()[0].code == base::Code::secretNotThere);
  CHECK(gone.error()[0].message == "release 3 needs the Secret orders-secrets-0000000001, which is gone");
}
