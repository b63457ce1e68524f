#include "scaffolds/containers/containers.h"

#include "scaffolds/containers/known_images.h"
#include "tests/unit/scaffolds/shop.h"

using namespace msctl;
using namespace msctl::scaffolds::containers;
using namespace msctl::tests;

namespace {

std::string value(const Variables& variables, const std::string& name) {
  for (const auto& [each, value] : variables)
    if (each == name) return value;
  return "-";
}

}  // namespace

TEST_CASE("services find each other by name, at the port that each listens on") {
  const workspace::Workspace workspace = shop();
  auto all = containers(workspace);
  REQUIRE(all);
  const Container& orders = *all->find("orders");
  CHECK(value(orders.addresses, "INVENTORY_URL") == "http://inventory:8080");
  CHECK(value(orders.addresses, "REDIS_URL") == "redis://redis:6379");
  CHECK(value(orders.settings, "HOST") == "0.0.0.0");
  CHECK(value(orders.settings, "PORT") == "8080");
  CHECK(orders.image == "shop/orders");
  CHECK(orders.is_routed);
  CHECK_FALSE(all->find("redis")->is_routed);
  CHECK(all->find("redis")->callers == std::vector<std::string>{"orders"});
  CHECK(all->gateway->upstreams == std::vector<std::string>{"orders"});
}

TEST_CASE("a backing service elsewhere is no container, and its URL goes as it stands") {
  workspace::Workspace workspace = shop();
  workspace.services[2].image.clear();
  workspace.services[2].url = "rediss://user:word@cache.example/0";
  auto all = containers(workspace);
  REQUIRE(all);
  CHECK(all->find("redis") == nullptr);
  CHECK(value(all->find("orders")->addresses, "REDIS_URL") == "rediss://user:word@cache.example/0");
  CHECK(all->find("orders")->outside.size() == 1);
}

TEST_CASE("an image and a URL: which counts is the caller's to say") {
  workspace::Workspace workspace = shop();
  workspace.services[2].url = "redis://cache.example";
  CHECK(containers(workspace)->find("redis") != nullptr);
  CHECK(containers(workspace, true)->find("redis") == nullptr);
}

TEST_CASE("a backing service with a command alone cannot be a container") {
  workspace::Workspace workspace = shop();
  workspace.services[2].image.clear();
  workspace.services[2].command = {"redis-server"};
  auto all = containers(workspace);
  REQUIRE_FALSE(all);
  CHECK(all.error().code == base::Code::noImage);
}

TEST_CASE("images are known by the last part of their name") {
  CHECK(known_image("docker.io/library/redis:7", "http")->port == 6379);
  CHECK(known_image("localhost:5000/postgres@sha256:00", "http")->port == 5432);
  CHECK(known_image("example/redis-like:1", "redis") == nullptr);
  CHECK(known_image("", "amqp")->port == 5672);
}

TEST_CASE("host and port of a URL") {
  CHECK(host_of("redis://a.example:1/0").host == "a.example");
  CHECK(host_of("redis://a.example:1/0").port == 1);
  CHECK(host_of("redis://u:p@a.example").port == 6379);
  CHECK(host_of("https://a.example/x:9").port == 443);
  CHECK(host_of("http://[::1]:99/").host == "[::1]");
  CHECK(host_of("http://[::1]:99/").port == 99);
  CHECK(host_of("x://y").port == 0);
}

TEST_CASE("the gateway's configuration says what is not so anyway") {
  workspace::Workspace workspace = shop();
  gateway::config::Provider provider;
  provider.name = "partners";
  provider.keys_file = "keys/partners.yaml";
  provider.keys = {{"a shop", std::string(64, 'a'), {"buyers"}}};
  workspace.gateway.authentication = {provider};
  auto all = containers(workspace);
  REQUIRE(all);
  const auto files = gateway_files(workspace, *all);
  REQUIRE(files.size() == 2);
  CHECK(files[0].first == "gateway.yaml");
  CHECK(holds(files[0].second, "- orders:8080"));
  CHECK(holds(files[0].second, "keys: partners-keys.yaml"));
  CHECK(holds(files[0].second, "0.0.0.0:8080"));
  CHECK_FALSE(holds(files[0].second, "headerTimeout"));
  CHECK(files[1].first == "partners-keys.yaml");
  CHECK(holds(files[1].second, "name: a shop"));
}

TEST_CASE("a service named gateway keeps its name") {
  workspace::Workspace workspace = shop();
  workspace.services[1].name = "gateway";
  route(workspace.services[1]);
  auto all = containers(workspace);
  REQUIRE(all);
  CHECK(all->gateway->name == "gateway-2");
}
