#include "runtime/workspace/load.h"

#include <algorithm>

#include "runtime/workspace/to_gateway.h"
#include "tests/catch.h"
#include "tests/unit/runtime/workspace/tree.h"

using namespace msctl;
using namespace std::chrono_literals;
using tests::Tree;

namespace {

workspace::LoadOptions options(const std::string& environment = {}) {
  return {environment, {"cpp", "go", "python"}, [](const std::string& name) -> std::optional<std::string> {
            return name == "FROM_ENVIRONMENT" ? std::optional<std::string>("yes") : std::nullopt;
          }};
}

constexpr const char* kShop = "workspace: shop\nservices: [services/*]\n";

}  // namespace

TEST_CASE("where the values of secrets come from") {
  Tree tree;
  tree.file("msctl.yaml",
            std::string(kShop) +
                "environments:\n  none: {}\n  cluster: {secrets: cluster}\n  file: {secrets: {sops: "
                "secrets/prod.yaml}}\n  plain: {secrets: {variables: true}}\n  pattern: {secrets: "
                "{variables: \"{SERVICE}_{NAME}\"}}\n")
      .file("services/a/service.yaml", "service: a\nlanguage: go\n");
  auto loaded = workspace::load(tree.root(), options());
  REQUIRE(loaded);
  using Kind = workspace::SecretSource::Kind;
  auto source = [&](const std::string& name) {
    return std::ranges::find(loaded->environments, name, &workspace::Environment::name)->secrets;
  };
  CHECK(source("none").kind == Kind::cluster);
  CHECK(source("cluster").kind == Kind::cluster);
  CHECK(source("file").kind == Kind::sops);
  CHECK(source("file").file == tree.root() + "/secrets/prod.yaml");
  CHECK(source("file").shown == "secrets/prod.yaml");
  CHECK(source("plain").kind == Kind::variables);
  CHECK(source("plain").pattern == "{NAME}");
  CHECK(source("pattern").pattern == "{SERVICE}_{NAME}");
}

TEST_CASE("a workspace is read with all of its services, by name") {
  Tree tree;
  tree.file("msctl.yaml", kShop)
      .file("services/orders/service.yaml",
            "service: orders\nlanguage: go\nneeds: [inventory, redis]\nenv: {LEVEL: info}\nreplicas: 3\n"
            "resources: {cpu: 250m, memory: 128Mi}\nroutes:\n  - match: {path: /orders/**}\n    timeout: "
            "2s\n  - match: {path: /old}\n")
      .file("services/inventory/service.yaml", "service: inventory\nlanguage: python\n")
      .file("services/redis/service.yaml",
            "service: redis\ncommand: [redis-server, --port, $PORT]\nscheme: redis\n")
      .file("services/not-a-service/README.md", "nothing");
  auto loaded = workspace::load(tree.root(), options());
  REQUIRE(loaded);
  CHECK(loaded->service_names() == std::vector<std::string>{"inventory", "orders", "redis"});
  const workspace::Service& orders = *loaded->find("orders");
  CHECK(orders.relative == "services/orders");
  CHECK(orders.health.ready == "/health/ready");
  CHECK(loaded->find("redis")->health.ready.empty());
  CHECK(loaded->find("redis")->is_backing());
  CHECK(orders.replicas == 3);
  CHECK(orders.resources.memory == 134217728);
  CHECK(workspace::start_order(*loaded) == std::vector<std::string>{"inventory", "redis", "orders"});

  gateway::config::Config config = workspace::to_gateway(*loaded);
  REQUIRE(config.routes.size() == 2);
  CHECK(config.routes[0].name == "orders");
  CHECK(config.routes[1].name == "orders-2");
  CHECK(config.routes[0].upstream == "orders");
  CHECK(config.routes[0].timeout == 2s);
  REQUIRE(config.upstreams.size() == 1);
  CHECK(config.listeners.at(0).address == "127.0.0.1:8080");
}

TEST_CASE("jobs are read in their order, with what they do not say") {
  Tree tree;
  tree.file("msctl.yaml", kShop)
      .file("services/orders/service.yaml",
            "service: orders\nlanguage: go\njobs:\n"
            "  - {name: migrate, run: [./orders, migrate], when: before, timeout: 90s, retries: 2}\n"
            "  - {name: smoke, run: [./orders, smoke], when: after}\n");
  auto loaded = workspace::load(tree.root(), options());
  REQUIRE(loaded);
  const std::vector<workspace::Job>& jobs = loaded->find("orders")->jobs;
  REQUIRE(jobs.size() == 2);
  CHECK(jobs[0].name == "migrate");
  CHECK(jobs[0].run == std::vector<std::string>{"./orders", "migrate"});
  CHECK(jobs[0].when == workspace::Job::When::before);
  CHECK(jobs[0].timeout == 90s);
  CHECK(jobs[0].retries == 2);
  CHECK(jobs[1].when == workspace::Job::When::after);
  CHECK(jobs[1].timeout == 5min);
  CHECK(jobs[1].retries == 0);
}

TEST_CASE("a service says what is in its image") {
  Tree tree;
  tree.file("msctl.yaml", kShop)
      .file(
          "services/proxy/service.yaml",
          "service: proxy\nlanguage: none\nrun: [./proxy]\nimage:\n  base: scratch\n  application:\n"
          "    - {from: proxy, to: /usr/bin/proxy}\n    - {from: etc, except: [\"*.bak\"], optional: true}\n"
          "  programs: [proxy]\n  packages: packages.txt\n  variables: {A: b}\n  run: [/usr/bin/proxy]\n")
      .file("services/redis/service.yaml", "service: redis\nimage: redis:7\nimagePort: 6379\n");
  auto loaded = workspace::load(tree.root(), options());
  REQUIRE(loaded);
  const workspace::Service& proxy = *loaded->find("proxy");
  REQUIRE(proxy.recipe);
  CHECK(proxy.image.empty());
  CHECK(proxy.recipe->base == "scratch");
  REQUIRE(proxy.recipe->application.size() == 2);
  CHECK(proxy.recipe->application[0].to == "/usr/bin/proxy");
  CHECK(proxy.recipe->application[1].except == std::vector<std::string>{"*.bak"});
  CHECK(proxy.recipe->application[1].optional);
  CHECK(proxy.recipe->programs == std::vector<std::string>{"proxy"});
  CHECK(proxy.recipe->packages == "packages.txt");
  CHECK(proxy.recipe->run == std::vector<std::string>{"/usr/bin/proxy"});
  CHECK(loaded->find("redis")->image == "redis:7");
  CHECK_FALSE(loaded->find("redis")->recipe);
}

TEST_CASE("what a service uses is a path as it stands below the root, however it is written") {
  Tree tree;
  tree.file("msctl.yaml", "workspace: shop\nservices: [services/*]\npipelines: {cache: {size: 2MiB}}\n")
      .file("services/orders/service.yaml",
            "service: orders\nlanguage: go\nvariables: [A, B*]\nuses: [./libs//money/, libs/x/../money, .]\n")
      .file("libs/money/round", "")
      .file("libs/x/y", "");
  auto loaded = workspace::load(tree.root(), options());
  REQUIRE(loaded);
  CHECK(loaded->find("orders")->uses == std::vector<std::string>{"libs/money", "libs/money", ""});
  CHECK(loaded->find("orders")->variables == std::vector<std::string>{"A", "B*"});
  CHECK(loaded->cache.size == 2u << 20);
}

TEST_CASE("the root is found from below, and its absence is said") {
  Tree tree;
  tree.file("msctl.yaml", kShop).file("services/a/src/x", "");
  CHECK(workspace::find_root(tree.root() + "/services/a/src").value() == tree.root());
  Tree other;
  CHECK(workspace::find_root(other.root()).error().code == base::Code::noWorkspace);
}

TEST_CASE("an overlay is merged over msctl.yaml for its environment alone") {
  Tree tree;
  tree.file("msctl.yaml",
            "workspace: shop\nservices: []\ngateway: {defaults: {timeout: 5s}, limits: {bodyBytes: 1MiB}}\n")
      .file("msctl.staging.yaml", "gateway: {defaults: {timeout: 9s}}\n");
  CHECK(workspace::load(tree.root(), options())->gateway.defaults.timeout == 5s);
  auto staging = workspace::load(tree.root(), options("staging"));
  REQUIRE(staging);
  CHECK(staging->gateway.defaults.timeout == 9s);
  CHECK(staging->gateway.limits.body_bytes == 1 << 20);
  tree.file("msctl.staging.yaml", "gateway: {defaults: {timout: 9s}}\n");
  auto broken = workspace::load(tree.root(), options("staging"));
  REQUIRE_FALSE(broken);
  CHECK(broken.error()[0].at.file == "msctl.staging.yaml");
  CHECK(broken.error()[0].at.column == 22);
}

TEST_CASE("variables are taken from the environment, then .env, then the default") {
  Tree tree;
  tree.file("msctl.yaml", kShop)
      .file(".env", "# comment\nexport FROM_FILE='a b'\nFROM_ENVIRONMENT=no\nQUOTED=\"x\\ny\"\n")
      .file("services/a/service.yaml",
            "service: a\nlanguage: go\nreplicas: ${COUNT:-2}\nenv:\n  A: ${FROM_ENVIRONMENT}\n  B: "
            "${FROM_FILE}\n  C: $${LITERAL}\n"
            "  D: ${MISSING:-d}\n  E: $PORT-${FROM_FILE}!\n  F: ${QUOTED}\n");
  auto loaded = workspace::load(tree.root(), options());
  REQUIRE(loaded);
  auto env = loaded->services[0].env;
  CHECK(loaded->services[0].replicas == 2);
  CHECK(env["A"] == "yes");
  CHECK(env["B"] == "a b");
  CHECK(env["C"] == "${LITERAL}");
  CHECK(env["D"] == "d");
  CHECK(env["E"] == "$PORT-a b!");
  CHECK(env["F"] == "x\ny");
}

TEST_CASE("errors of several files come in one go, sorted, and only one of syntax a file") {
  Tree tree;
  tree.file("msctl.yaml", "workspace: Shop\nservices: [services/*]\nrouts: []\n")
      .file("services/a/service.yaml", "service: a\nlanguage: go\nneeds: [b\nreplicas: many\n")
      .file("services/b/service.yaml", "service: b\nlanguage: golang\nreplicas: many\n");
  auto loaded = workspace::load(tree.root(), options());
  REQUIRE_FALSE(loaded);
  std::vector<std::string> places;
  for (const base::Error& error : loaded.error())
    places.push_back(error.at.file + ":" + std::to_string(error.at.line));
  CHECK(places == std::vector<std::string>{"msctl.yaml:1", "msctl.yaml:3", "services/a/service.yaml:4",
                                           "services/b/service.yaml:2", "services/b/service.yaml:3"});
}

TEST_CASE("keys are read from the file that a provider names") {
  Tree tree;
  std::string digest(64, 'A');
  tree.file("msctl.yaml",
            "workspace: s\nservices: []\ngateway:\n  authentication:\n    partners: {apiKey: {keys: "
            "keys/p.yaml}}\n")
      .file("keys/p.yaml", "- {name: ann, sha256: " + digest + ", groups: [gold]}\n");
  auto loaded = workspace::load(tree.root(), options());
  REQUIRE(loaded);
  REQUIRE(loaded->gateway.authentication.size() == 1);
  CHECK(loaded->gateway.authentication[0].keys.at(0).sha256 == std::string(64, 'a'));
  CHECK(loaded->gateway.authentication[0].header == "X-API-Key");
}
