#include "scaffolds/kubernetes/deployable.h"

#include <set>

#include "tests/unit/scaffolds/shop.h"

using namespace msctl;
using namespace msctl::scaffolds::kubernetes;
using namespace msctl::tests;
using Json = nlohmann::ordered_json;

namespace {

DeployableInput input(const workspace::Workspace& workspace) {
  DeployableInput out{&workspace, "shop-staging", {}, "r/msctl@sha256:9"};
  for (const workspace::Service& service : workspace.services)
    out.images[service.name] = "r/" + service.name + "@sha256:1";
  return out;
}

const Deployable& part(const std::vector<Deployable>& all, const std::string& name) {
  for (const Deployable& each : all)
    if (each.name == name) return each;
  FAIL("no " << name);
  return all.front();
}

const Json& object(const Deployable& part, const std::string& kind) {
  for (const Json& each : part.objects)
    if (each["kind"] == kind) return each;
  FAIL("no " << kind);
  return part.objects.front();
}

}  // namespace

TEST_CASE("parts can be applied as they are") {
  const workspace::Workspace workspace = shop();
  auto all = deployables(input(workspace));
  REQUIRE(all);
  CHECK(all->front().name.empty());
  CHECK(all->back().name == "gateway");
  for (const Deployable& each : *all)
    for (const Json& one : each.objects) {
      CHECK(one["metadata"]["namespace"] == "shop-staging");
      CHECK(one["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "msctl");
      CHECK(one["metadata"]["labels"]["app.kubernetes.io/part-of"] == workspace.name);
    }
  const Deployable& orders = part(*all, "orders");
  CHECK(orders.image == "r/orders@sha256:1");
  const Json& container = object(orders, "Deployment")["spec"]["template"]["spec"]["containers"][0];
  CHECK(container["image"] == "r/orders@sha256:1");
  CHECK(container["imagePullPolicy"] == "IfNotPresent");
  CHECK(object(part(*all, "gateway"), "RoleBinding")["subjects"][0]["namespace"] == "shop-staging");
}

TEST_CASE("settings have the name of their content, so that a change of them is a new version") {
  workspace::Workspace workspace = shop();
  auto before = deployables(input(workspace));
  REQUIRE(before);
  const Json one = object(part(*before, "orders"), "ConfigMap");
  const Json& container =
      object(part(*before, "orders"), "Deployment")["spec"]["template"]["spec"]["containers"][0];
  CHECK(container["envFrom"][0]["configMapRef"]["name"] == one["metadata"]["name"]);
  for (workspace::Service& service : workspace.services)
    if (service.name == "orders") service.env["LOG_LEVEL"] = "debug";
  auto after = deployables(input(workspace));
  REQUIRE(after);
  CHECK(object(part(*after, "orders"), "ConfigMap")["metadata"]["name"] != one["metadata"]["name"]);
  CHECK(object(part(*after, "inventory"), "ConfigMap") == object(part(*before, "inventory"), "ConfigMap"));
  // The gateway takes its configuration in as it runs.
  CHECK(object(part(*after, "gateway"), "ConfigMap")["metadata"]["name"] == "gateway");
}

TEST_CASE("a service without an image is an error, with the command that makes one") {
  const workspace::Workspace workspace = shop();
  DeployableInput wanted = input(workspace);
  wanted.images.erase("orders");
  auto all = deployables(wanted);
  REQUIRE_FALSE(all);
  CHECK(all.error().code == base::Code::noImage);
  CHECK(all.error().message.find("orders") != std::string::npos);
}

TEST_CASE("one service needs no image of the others") {
  const workspace::Workspace workspace = shop();
  DeployableInput wanted = input(workspace);
  wanted.services = {"orders"};
  wanted.images = {{"orders", "r/orders@sha256:1"}};
  auto all = deployables(wanted);
  REQUIRE(all);
  REQUIRE(all->size() == 3);
  CHECK((*all)[1].name == "orders");
  CHECK(all->back().name == "gateway");
}
