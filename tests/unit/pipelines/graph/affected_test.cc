#include "pipelines/graph/affected.h"

#include "pipelines/graph/keys.h"
#include "tests/catch.h"

using namespace msctl;
using graph::Cause;
using Kind = Cause::Kind;

namespace {

workspace::Service service(const std::string& name, std::vector<std::string> needs = {},
                           std::vector<std::string> uses = {}) {
  workspace::Service out;
  out.name = name;
  out.relative = "services/" + name;
  out.needs = std::move(needs);
  out.uses = std::move(uses);
  return out;
}

workspace::Workspace shop() {
  workspace::Workspace out;
  out.services = {service("catalogue"), service("inventory", {"catalogue"}, {"libs/money"}),
                  service("orders", {"inventory", "payments"}), service("payments", {}, {"libs/money"})};
  return out;
}

std::string told(const graph::Verdict& verdict) {
  std::string out;
  for (const graph::Affected& each : verdict.services) {
    out += each.service + ":";
    for (const Cause& cause : each.because)
      out += " " + std::string(kind_name(cause.kind)) + "=" + cause.what;
    out += "\n";
  }
  return out;
}

std::vector<std::string> keys(const std::string& before, const std::string& after) {
  return graph::changed_keys(yaml::parse("b", before).root, yaml::parse("a", after).root);
}

}  // namespace

TEST_CASE("a file affects its service, and over its needs whoever calls it") {
  auto verdict = graph::affected(shop(), {{"services/catalogue/main.go", "README.md"}, {}, {}});
  CHECK(told(verdict) ==
        "catalogue: file=services/catalogue/main.go\n"
        "inventory: need=catalogue\n"
        "orders: need=inventory\n");
  CHECK(verdict.unowned == std::vector<std::string>{"README.md"});
  CHECK(verdict.services[0].itself());
  CHECK_FALSE(verdict.services[2].itself());
}

TEST_CASE("a shared folder affects those who use it, at the boundary of a name") {
  CHECK(told(graph::affected(shop(), {{"libs/money/round.go"}, {}, {}})) ==
        "inventory: uses=libs/money/round.go\n"
        "orders: need=inventory need=payments\n"
        "payments: uses=libs/money/round.go\n");
  CHECK(graph::affected(shop(), {{"libs/money2/x", "services/ordersx/y"}, {}, {}}).services.empty());
}

TEST_CASE("the innermost folder owns a file") {
  workspace::Workspace nested = shop();
  nested.services.push_back(service("inner"));
  nested.services.back().relative = "services/orders/inner";
  CHECK(told(graph::affected(nested, {{"services/orders/inner/x"}, {}, {}})) ==
        "inner: file=services/orders/inner/x\n");
}

TEST_CASE("a service in the workspace's root owns what no other does, and one may use all") {
  workspace::Workspace nested = shop();
  nested.services.push_back(service("whole"));
  nested.services.back().relative = "";
  nested.services.push_back(service("watcher"));
  nested.services.back().uses = {""};
  CHECK(told(graph::affected(nested, {{"main"}, {}, {}})) == "watcher: uses=main\nwhole: file=main\n");
}

TEST_CASE("a circle of services ends, and each caller is named once for each need") {
  workspace::Workspace circle;
  circle.services = {service("a", {"b"}), service("b", {"a"})};
  CHECK(told(graph::affected(circle, {{"services/a/x"}, {}, {}})) ==
        "a: file=services/a/x need=b\nb: need=a\n");
}

TEST_CASE("keys are compared by what they mean") {
  CHECK(keys("a: 1\nb: {c: 2}\n", "# new\nb:\n  c: 2\na: 1\n").empty());
  CHECK(keys("a: 1\n", "a: \"1\"\n") == std::vector<std::string>{"a"});
  CHECK(keys("g: {d: {t: 1s, u: 2}, x: 1}\n", "g: {d: {t: 2s, u: 2}, y: 1}\n") ==
        std::vector<std::string>{"g.d.t", "g.x", "g.y"});
  CHECK(keys("l: [1, 2]\n", "l: [2, 1]\n") == std::vector<std::string>{"l"});
  CHECK(keys("", "workspace: x\n") == std::vector<std::string>{""});
}

TEST_CASE("a key matters to whom it concerns") {
  workspace::Service plain = service("plain"), open = service("open"), guarded = service("guarded");
  gateway::config::Route route;
  open.routes = {route};
  route.authentication = gateway::config::Authentication{false, {"users"}};
  route.timeout = std::chrono::seconds(2);
  guarded.routes = {route};
  auto whom = [&](std::string_view key) {
    std::string out;
    for (const workspace::Service* each : {&plain, &open, &guarded})
      if (graph::matters(key, *each)) out += each->name + " ";
    return out;
  };
  CHECK(whom("workspace") == "plain open guarded ");
  CHECK(whom("pipelines.systems").empty());
  CHECK(whom("environments.staging.registry").empty());
  CHECK(whom("gateway.listeners").empty());
  CHECK(whom("gateway.accessLog").empty());
  CHECK(whom("gateway.limits.bodyBytes") == "open guarded ");
  CHECK(whom("gateway.authentication.users.keys") ==
        "open guarded ");  // open takes the default, which may be it
  CHECK(whom("gateway.authentication.partners") == "open ");
  CHECK(whom("gateway.defaults.timeout") == "open ");
  CHECK(whom("gateway.defaults.authentication") == "open ");
  CHECK(whom("gateway.defaults.connectTimeout") == "open guarded ");
}

TEST_CASE("a key and a service that joined are causes") {
  auto verdict = graph::affected(shop(), {{}, {"workspace"}, {"payments"}});
  CHECK(verdict.services.size() == 4);
  CHECK(verdict.services[3].because == std::vector<Cause>{{Kind::key, "services"}, {Kind::key, "workspace"}});
}
