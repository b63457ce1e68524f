#include "runtime/kubernetes/deploy/plan.h"

#include "tests/catch.h"

using namespace msctl;
using namespace msctl::kubernetes;
using namespace msctl::kubernetes::deploy;

namespace {

Json deployment(const std::string& name, const std::string& image) {
  Json out = Json::parse(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"labels":{}},
    "spec":{"template":{"spec":{"containers":[{"name":"main"}]}}}})");
  out["metadata"]["name"] = name;
  out["metadata"]["labels"][names::name] = name;
  out["spec"]["template"]["spec"]["containers"][0]["image"] = image;
  return out;
}

Json as_live(Json object) {
  object["metadata"]["uid"] = "1";
  object["metadata"]["resourceVersion"] = "7";
  object["spec"]["progressDeadlineSeconds"] = 600;
  return object;
}

ByRef by_ref(const std::vector<Json>& objects) {
  ByRef out;
  for (const Json& object : objects) out[ref_of(object)] = object;
  return out;
}

const Step& only(const Plan& plan) {
  REQUIRE(plan.steps.size() == 1);
  return plan.steps.front();
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("what is settled needs no question to the server") {
  const Json orders = deployment("orders", "r/orders@sha256:aaaa");
  const ByRef last = by_ref({orders}), live = by_ref({as_live(orders)});
  CHECK(is_settled(orders, last, live));
  CHECK_FALSE(is_settled(orders, {}, live));
  CHECK_FALSE(is_settled(orders, last, {}));
  Json going = as_live(orders);
  going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  CHECK_FALSE(is_settled(orders, last, by_ref({going})));
  Json edited = as_live(orders);
  edited["spec"]["template"]["spec"]["containers"][0]["image"] = "other";
  CHECK_FALSE(is_settled(orders, last, by_ref({edited})));
  CHECK_FALSE(plan({{"orders", orders}}, last, live, {}).has_changes());
}

TEST_CASE("a new version says what it means") {
  const Json before = deployment("orders", "r/orders@sha256:aaaaaaaaaaaaaaaa");
  const Json after = deployment("orders", "r/orders@sha256:bbbbbbbbbbbbbbbb");
  Json there = as_live(before);
  there["spec"]["replicas"] = 3;
  Json then = there;
  then["spec"]["template"] = after["spec"]["template"];
  const Plan made = plan({{"orders", after}}, by_ref({before}), by_ref({there}), by_ref({then}));
  const Step& step = only(made);
  CHECK(step.action == Action::update);
  REQUIRE(step.changes.size() == 1);
  CHECK(to_text(step.changes[0].path) == "spec.template.spec.containers[main].image");
  CHECK(step.means == Texts{"another version: r/orders@sha256:aaaaaaaaaaaa → r/orders@sha256:bbbbbbbbbbbb",
                            "restarts its 3 replicas, one after another"});
  CHECK(made.drift.empty());
}

TEST_CASE("what is not there is made, what nobody wants is removed last") {
  const Json orders = deployment("orders", "a"), old = deployment("old", "b");
  const Plan made =
      plan({{"orders", orders}}, by_ref({old}), by_ref({as_live(old)}), by_ref({as_live(orders)}));
  REQUIRE(made.steps.size() == 2);
  CHECK(made.steps[0].action == Action::create);
  CHECK(made.steps[1].action == Action::remove);
  CHECK(made.steps[1].part == "old");
  CHECK(made.count(Action::remove) == 1);
}

TEST_CASE("a change by hand is drift, with who made it; an autoscaler's number stays") {
  Json stated = deployment("orders", "a");
  stated["spec"]["replicas"] = 2;
  Json there = as_live(stated);
  there["spec"]["replicas"] = 5;
  there["metadata"]["managedFields"] = Json::parse(R"([{"manager":"kubectl-scale","operation":"Update",
    "time":"2026-01-02T00:00:00Z","fieldsV1":{"f:spec":{"f:replicas":{}}}}])");
  const Plan made = plan({{"orders", stated}}, by_ref({stated}), by_ref({there}), by_ref({as_live(stated)}));
  REQUIRE(made.drift.size() == 1);
  CHECK(to_text(made.drift[0].change.path) == "spec.replicas");
  REQUIRE(made.drift[0].owner);
  CHECK(made.drift[0].owner->manager == "kubectl-scale");
  CHECK_FALSE(made.drift[0].kept);
  CHECK(only(made).means == Texts{"capacity: 5 → 2 replicas"});
  const Json scaled = deployment("orders", "a");
  const Plan kept = plan({{"orders", scaled}}, by_ref({stated}), by_ref({there}), by_ref({there}));
  REQUIRE(kept.drift.size() == 1);
  CHECK(kept.drift[0].kept);
  CHECK_FALSE(kept.has_changes());
}

TEST_CASE("routes that come, go and change are named") {
  auto config = [](const char* routes) {
    return Json{{"apiVersion", "v1"},
                {"kind", "ConfigMap"},
                {"metadata", {{"name", "gateway"}}},
                {"data", {{"gateway.yaml", routes}}}};
  };
  const Json before =
      config("routes:\n  - name: a\n    match: {path: /a}\n  - name: b\n    match: {path: /b}\n");
  const Json after =
      config("routes:\n  - name: b\n    match: {path: /bb}\n  - name: c\n    match: {path: /c}\n");
  const Plan made = plan({{"gateway", after}}, by_ref({before}), by_ref({before}), by_ref({after}));
  CHECK(only(made).means == Texts{"route removed: a", "route changed: b", "route added: c"});
}

TEST_CASE("waves: what is needed comes first, as much as possible at a time") {
  const std::vector<release::Part> parts{{"web", {"orders", "users"}, {}, {}},
                                         {"orders", {"redis", "gone"}, {}, {}},
                                         {"redis", {}, {}, {}},
                                         {"users", {"redis"}, {}, {}}};
  std::vector<Texts> names;
  for (const auto& wave : release::waves(parts)) {
    names.emplace_back();
    for (const release::Part* part : wave) names.back().push_back(part->name);
  }
  CHECK(names == std::vector<Texts>{{"redis"}, {"orders", "users"}, {"web"}});
  CHECK(release::waves({{"a", {"b"}, {}, {}}, {"b", {"a"}, {}, {}}}).size() == 1);
}
