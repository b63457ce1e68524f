// Deploys with secrets, whole, in a cluster in memory: what stays of the Secrets, whenever a deploy is
// killed, and that no value is anywhere else.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/base64.h"
#include "runtime/kubernetes/deploy/deploy.h"
#include "runtime/kubernetes/records/records.h"
#include "tests/catch.h"
#include "tests/fakes/clock.h"
#include "tests/fakes/cluster.h"

using namespace msctl;
using namespace msctl::kubernetes;
using namespace msctl::kubernetes::deploy;
using release::Release;

namespace {

using Names = std::set<std::string>;

constexpr std::size_t kept = 2;  // releases, beside those that are needed

// Deployments are ready at once.
class Playing : public fakes::FakeCluster {
public:
  std::optional<base::Code> refuses_to_remove;  // Secrets

  Answer<Json> apply(const Json& object, const ApplyOptions& options) override {
    auto done = FakeCluster::apply(object, options);
    if (!done || options.dry_run || options.manager != names::manager) return done;
    Json& there = objects.at(ref_of(object));
    if (there["kind"] == "Deployment")
      there["status"] = {
          {"replicas", 1}, {"updatedReplicas", 1}, {"readyReplicas", 1}, {"availableReplicas", 1}};
    return there;
  }
  Answer<void> remove(const Ref& ref, const std::string& uid, const std::string& version) override {
    if (ref.kind != "Secret" || !refuses_to_remove) return FakeCluster::remove(ref, uid, version);
    Refusal out;
    out.error = base::fail(*refuses_to_remove, "no").error();
    return std::unexpected(out);
  }

  Names secrets() const {
    Names out;
    for (const auto& [ref, object] : objects)
      if (ref.kind == "Secret") out.insert(ref.name);
    return out;
  }
};

Release rendered() {
  Release out;
  out.workspace = "shop";
  out.environment = "staging";
  out.command = "deploy";
  Json object{
      {"apiVersion", "apps/v1"},
      {"kind", "Deployment"},
      {"metadata",
       {{"name", "orders"},
        {"namespace", "shop"},
        {"labels", {{names::name, "orders"}, {names::part_of, "shop"}, {names::managed_by, "msctl"}}}}}};
  object["spec"]["template"]["spec"]["containers"] = Json::array(
      {{{"name", "main"},
        {"image", "r/orders:1"},
        {"env", Json::array({{{"name", "KEY"},
                              {"valueFrom", {{"secretKeyRef", {{"name", "orders"}, {"key", "KEY"}}}}}}})}}});
  out.parts = {{"orders", {}, "r/orders:1", {object}}};
  return out;
}

struct World {
  Playing cluster;
  fakes::FakeClock clock;
  std::string said;  // all of it

  std::expected<Done, base::Errors> deploy(const std::string& value) {
    return carry_out(rendered(), {{"orders", {{"KEY", value}}}});
  }
  std::expected<Done, base::Errors> go_back(int id) {
    auto release = Records(cluster, "shop").load(id);
    REQUIRE(release);
    release->goes_back = true;
    return carry_out(*release, {});
  }
  std::expected<Done, base::Errors> carry_out(Release wanted, SecretValues values) {
    Options options;
    options.secrets = std::move(values);
    options.keep = kept;
    options.sleep = [this](base::Duration time) { clock.advance(time); };
    options.say = [this](const release::Moment& moment) { said += moment.text + "\n"; };
    auto done = deploy::deploy(cluster, clock, std::move(wanted), true, options);
    if (!done)
      for (const base::Error& error : done.error()) said += base::to_text(error) + "\n";
    return done;
  }

  // The Secret that runs, and its value.
  std::string running() const {
    return cluster.objects.at(
        {"apps/v1", "Deployment", "orders"})["spec"]["template"]["spec"]["containers"][0]["env"][0]
                                            ["valueFrom"]["secretKeyRef"]["name"];
  }
  std::string value() const {
    const std::string text = cluster.objects.at({"v1", "Secret", running()})["data"]["KEY"];
    return base::from_base64(text).value_or("");
  }
  // In the heads of all records.
  Names named() {
    Names out;
    auto all = Records(cluster, "shop").list();
    REQUIRE(all);
    for (const Release& each : *all) out.insert(each.secrets.begin(), each.secrets.end());
    return out;
  }
};

bool is_within(const Names& some, const Names& all) {
  return std::ranges::includes(all, some);
}

}  // namespace

TEST_CASE("another value makes another version, going back finds the one before, and old ones go") {
  World world;
  REQUIRE(world.deploy("one"));
  const std::string one = world.running();
  CHECK(world.value() == "one");
  CHECK_FALSE(world.deploy("one")->plan.has_changes());
  const auto two = world.deploy("two");
  REQUIRE(two);
  CHECK(two->plan.steps.at(0).means.back() == "new values of KEY");
  CHECK(world.value() == "two");
  REQUIRE(world.go_back(1));
  CHECK(world.running() == one);
  CHECK(world.value() == "one");
  for (const char* value : {"three", "four", "five", "six"}) REQUIRE(world.deploy(value));
  CHECK(world.value() == "six");
  CHECK_FALSE(world.cluster.secrets().contains(one));
  CHECK(world.cluster.secrets() == world.named());
}

TEST_CASE("no value is anywhere but in its Secret") {
  World world;
  const std::string value = "a value that nobody may see";
  REQUIRE(world.deploy("before"));
  const auto done = world.deploy(value);
  REQUIRE(done);
  std::string everything = world.said + release::to_json(done->release).dump();
  for (const Step& step : done->plan.steps)
    for (const std::string& text : step.means) everything += text;
  for (const auto& [ref, object] : world.cluster.objects)
    if (ref.kind != "Secret") everything += object.dump();
  for (int id : {1, 2}) {
    auto record = Records(world.cluster, "shop").load(id);
    REQUIRE(record);
    everything += release::to_json(*record).dump();
  }
  CHECK(everything.find(world.running()) != std::string::npos);
  CHECK(everything.find(value) == std::string::npos);
  CHECK(everything.find(base::to_base64(value)) == std::string::npos);
}

TEST_CASE("wherever a deploy is killed, each Secret is named by a record, and the next command clears up") {
  // One more write gets through each time, until nothing is cut off any more.
  bool whole = false;
  int cut = 0;
  for (; !whole && cut < 100; ++cut) {
    World world;
    // So many that the next one forgets some.
    for (const char* value : {"one", "two", "three", "four"}) REQUIRE(world.deploy(value));
    int writes = 0;
    world.cluster.before_write = [&](const std::string&, const Json&) { return ++writes > cut; };
    (void)world.deploy("five");
    whole = writes <= cut;
    world.cluster.before_write = {};
    INFO("cut after " << cut << " writes");
    CHECK(is_within(world.cluster.secrets(), world.named()));
    CHECK(world.cluster.secrets().contains(world.running()));

    REQUIRE(world.deploy("six"));
    CHECK(world.value() == "six");
    CHECK(is_within(world.cluster.secrets(), world.named()));
    for (const char* value : {"seven", "eight", "nine"}) REQUIRE(world.deploy(value));
    CHECK(world.cluster.secrets() == world.named());
    CHECK(world.cluster.secrets().size() <= kept + 1);
  }
  CHECK(whole);
  CHECK(cut > 5);
}

TEST_CASE("who may not remove Secrets any more keeps the records that name them") {
  World world;
  for (const char* value : {"one", "two", "three"}) REQUIRE(world.deploy(value));
  world.cluster.refuses_to_remove = base::Code::forbidden;
  for (const char* value : {"four", "five"}) REQUIRE(world.deploy(value));
  CHECK(world.said.find("releases that are to be forgotten stay") != std::string::npos);
  CHECK(world.cluster.secrets() == world.named());
  CHECK(world.cluster.secrets().size() > kept + 1);
  world.cluster.refuses_to_remove.reset();
  REQUIRE(world.deploy("six"));
  CHECK(world.cluster.secrets() == world.named());
  CHECK(world.cluster.secrets().size() <= kept + 1);
}
