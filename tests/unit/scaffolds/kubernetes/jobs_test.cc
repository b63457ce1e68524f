#include "scaffolds/kubernetes/jobs.h"

#include <algorithm>

#include "scaffolds/kubernetes/access.h"
#include "scaffolds/kubernetes/deployable.h"
#include "scaffolds/kubernetes/kubernetes.h"
#include "tests/unit/scaffolds/shop.h"

using namespace msctl;
using namespace msctl::scaffolds::kubernetes;
using namespace msctl::tests;
using Json = nlohmann::ordered_json;

namespace {

workspace::Workspace shop_with_jobs() {
  workspace::Workspace out = shop();
  for (workspace::Service& service : out.services)
    if (service.name == "orders")
      service.jobs = {
          {"migrate", {"./orders", "migrate"}, workspace::Job::When::before, std::chrono::seconds(90), 2},
          {"smoke", {"./orders", "smoke"}, workspace::Job::When::after}};
  return out;
}

Objects orders_of(const workspace::Workspace& workspace, const std::string& image = "r/orders@sha256:1") {
  DeployableInput input{&workspace, "shop-staging", {}, "r/msctl@sha256:9"};
  for (const workspace::Service& service : workspace.services) input.images[service.name] = image;
  auto all = deployables(input);
  REQUIRE(all);
  for (const Deployable& each : *all)
    if (each.name == "orders") return each.objects;
  return {};
}

const Json& find(const Objects& all, const std::string& kind, const std::string& begin = {}) {
  static const Json none;
  const auto found = std::ranges::find_if(all, [&](const Json& each) {
    return each["kind"] == kind && each["metadata"]["name"].get<std::string>().starts_with(begin);
  });
  return found == all.end() ? none : *found;
}

std::size_t place(const Objects& all, const Json& object) {
  return static_cast<std::size_t>(std::ranges::find(all, object) - all.begin());
}

}  // namespace

TEST_CASE("a job's Pod is the service's own, with another command and an end") {
  const Objects all = orders_of(shop_with_jobs());
  const Json& job = find(all, "Job", "orders-migrate-");
  const Json& deployment = find(all, "Deployment");
  CHECK(job["metadata"]["namespace"] == "shop-staging");
  CHECK(job["metadata"]["name"].get<std::string>().size() == std::string("orders-migrate-").size() + 10);
  CHECK(job["metadata"]["annotations"] == Json{{"msctl.dev/job", "migrate"}, {"msctl.dev/when", "before"}});
  CHECK(job["spec"]["backoffLimit"] == 2);
  CHECK(job["spec"]["activeDeadlineSeconds"] == 90);
  CHECK_FALSE(job["spec"].contains("ttlSecondsAfterFinished"));
  const Json& pod = job["spec"]["template"]["spec"];
  const Json& own = deployment["spec"]["template"]["spec"];
  CHECK(pod["restartPolicy"] == "Never");
  for (const char* same :
       {"serviceAccountName", "automountServiceAccountToken", "securityContext", "volumes"})
    CHECK(pod[same] == own[same]);
  const Json& container = pod["containers"][0];
  CHECK(container["name"] == "migrate");
  CHECK(container["command"] == Json::array({"./orders", "migrate"}));
  for (const char* same :
       {"image", "imagePullPolicy", "envFrom", "resources", "securityContext", "volumeMounts"})
    CHECK(container[same] == own["containers"][0][same]);
  CHECK(container["env"][0] == own["containers"][0]["env"][0]);
  CHECK(container["env"][1] == Json{{"name", "ORDERS_URL"}, {"value", "http://orders:8080"}});
  for (const char* gone : {"ports", "lifecycle", "startupProbe", "readinessProbe", "livenessProbe"})
    CHECK_FALSE(container.contains(gone));
  CHECK(find(all, "Job", "orders-smoke-")["spec"]["activeDeadlineSeconds"] == 300);
}

TEST_CASE("its name is that of its content") {
  const std::string name = find(orders_of(shop_with_jobs()), "Job")["metadata"]["name"];
  CHECK(find(orders_of(shop_with_jobs()), "Job")["metadata"]["name"] == name);
  CHECK(find(orders_of(shop_with_jobs(), "r/orders@sha256:2"), "Job")["metadata"]["name"] != name);
  workspace::Workspace other = shop_with_jobs();
  for (workspace::Service& service : other.services) service.env["LOG_LEVEL"] = "debug";
  CHECK(find(orders_of(other), "Job")["metadata"]["name"] != name);
}

TEST_CASE("it is none of the service's replicas, and reaches what they reach, and them") {
  const Objects all = orders_of(shop_with_jobs());
  const Json labels = find(all, "Job")["spec"]["template"]["metadata"]["labels"];
  auto selects = [&](const Json& selector) {
    return std::ranges::all_of(selector.items(), [&](const auto& each) {
      return labels.contains(each.key()) && labels[each.key()] == each.value();
    });
  };
  CHECK_FALSE(selects(find(all, "Deployment")["spec"]["selector"]["matchLabels"]));
  CHECK_FALSE(selects(find(all, "Service")["spec"]["selector"]));
  CHECK(labels["msctl.dev/job-of"] == "orders");

  const Json& own = find(all, "NetworkPolicy", "orders.jobs");
  CHECK(selects(own["spec"]["podSelector"]["matchLabels"]));
  CHECK(own["spec"]["ingress"].empty());
  Json egress = own["spec"]["egress"];
  REQUIRE(egress.size() == 4);  // DNS, inventory, redis, orders
  CHECK(egress[3]["to"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "orders");
  for (const char* called : {"inventory", "redis", "orders"}) {
    const Json& policy = find(all, "NetworkPolicy", std::string("orders.jobs.") + called);
    REQUIRE_FALSE(policy.is_null());
    CHECK(policy["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == called);
    CHECK(policy["spec"]["policyTypes"] == Json::array({"Ingress"}));
    CHECK(selects(policy["spec"]["ingress"][0]["from"][0]["podSelector"]["matchLabels"]));
    CHECK(policy["metadata"]["labels"]["msctl.dev/job-of"] == "orders");
  }
}

TEST_CASE("they stand where they are run") {
  const Objects all = orders_of(shop_with_jobs());
  const std::size_t version = place(all, find(all, "Deployment"));
  CHECK(place(all, find(all, "NetworkPolicy", "orders.jobs")) <
        place(all, find(all, "Job", "orders-migrate-")));
  CHECK(place(all, find(all, "Job", "orders-migrate-")) < version);
  CHECK(place(all, find(all, "Job", "orders-smoke-")) + 1 == all.size());
  // The other objects are those of a service without jobs.
  Objects without = all;
  std::erase_if(without,
                [](const Json& each) { return each["metadata"]["labels"].contains("msctl.dev/job-of"); });
  CHECK(without == orders_of(shop()));
}

TEST_CASE("who deploys may make Jobs where there are some; Kustomize has none of them, and says so") {
  auto verbs = [](const DeployerNeeds& needs) {
    for (const Json& rule : deployer_access("shop", "shop", needs)[1]["rules"])
      if (rule["resources"][0] == "jobs") return rule["verbs"];
    return Json();
  };
  CHECK(verbs({"gateway", false}) == Json::array({"list", "watch"}));
  CHECK(verbs({"gateway", true}) == Json::array({"get", "list", "watch", "create", "patch", "delete"}));

  workspace::Workspace workspace = shop_with_jobs();
  workspace.environments = {{"staging", "context", "shop", ""}};
  const workspace::Workspace& there = workspace;
  auto emitted = emit(workspace, {{"staging", &there}}, "msctl:1");
  REQUIRE(emitted);
  CHECK_FALSE(holds(content(*emitted, "deploy/kubernetes/base/orders.yaml"), "kind: Job"));
  CHECK(holds(content(*emitted, "deploy/kubernetes/deployers/staging.yaml"), "      - jobs\n"));
  CHECK(std::ranges::any_of(emitted->notes, [](const generated::Note& note) {
    return note.text.starts_with("orders: its jobs are not in these files");
  }));
}
