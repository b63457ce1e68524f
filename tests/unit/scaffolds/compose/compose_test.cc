#include "scaffolds/compose/compose.h"

#include "runtime/base/yaml/node.h"
#include "tests/unit/scaffolds/shop.h"

using namespace msctl;
using namespace msctl::tests;

namespace {

const yaml::Node& at(const yaml::Node& node, std::initializer_list<const char*> keys) {
  const yaml::Node* out = &node;
  for (const char* key : keys) {
    REQUIRE(out->find(key) != nullptr);
    out = out->find(key);
  }
  return *out;
}

}  // namespace

TEST_CASE("compose.yaml of a shop") {
  auto emitted = scaffolds::compose::emit(shop(), "msctl:1.2.3");
  REQUIRE(emitted);
  const yaml::Document document = yaml::parse("compose.yaml", content(*emitted, "compose.yaml"));
  REQUIRE(document.errors.empty());
  const yaml::Node& services = at(document.root, {"services"});
  CHECK(at(document.root, {"name"}).scalar == "shop");
  CHECK(at(services, {"gateway", "image"}).scalar == "msctl:1.2.3");
  // The workspace says nothing of listeners, so that nobody but the machine itself is to reach the gateway.
  CHECK(at(services, {"gateway", "ports"}).items[0].scalar == "127.0.0.1:8080:8080");
  CHECK(at(services, {"orders", "build", "context"}).scalar == "./services/orders");
  CHECK(at(services, {"orders", "environment", "PRICE"}).scalar == "$$5 {{ each }}");
  CHECK(at(services, {"orders", "environment", "REDIS_URL"}).scalar == "redis://redis:6379");
  CHECK(at(services, {"orders", "environment", "PAYMENT_KEY"}).scalar.starts_with("${PAYMENT_KEY:?"));
  CHECK(at(services, {"orders", "depends_on", "redis", "condition"}).scalar == "service_healthy");
  CHECK(at(services, {"orders", "depends_on", "inventory", "condition"}).scalar == "service_started");
  CHECK(at(services, {"inventory", "deploy", "replicas"}).scalar == "2");
  CHECK(at(services, {"redis", "healthcheck", "test"}).items.size() == 3);
  for (const char* each : {"gateway", "inventory", "orders", "redis"}) {
    CHECK(at(services, {each, "read_only"}).scalar == "true");
    CHECK(at(services, {each, "cap_drop"}).items[0].scalar == "ALL");
  }
  CHECK(has(*emitted, "deploy/compose/gateway/gateway.yaml"));
}

TEST_CASE("what runs on the machine itself is reached from containers") {
  workspace::Workspace workspace = shop();
  workspace.services[2].image.clear();
  workspace.services[2].url = "redis://localhost:6379/1";
  auto emitted = scaffolds::compose::emit(workspace, "msctl:1");
  REQUIRE(emitted);
  const std::string& file = content(*emitted, "compose.yaml");
  CHECK(holds(file, "REDIS_URL: redis://host.docker.internal:6379/1"));
  CHECK(holds(file, "host.docker.internal:host-gateway"));
}

TEST_CASE("an image with shared folders is built from the root") {
  workspace::Workspace workspace = shop();
  workspace.services[1].uses = {"libs/money"};
  auto emitted = scaffolds::compose::emit(workspace, "msctl:1");
  REQUIRE(emitted);
  CHECK(
      holds(content(*emitted, "compose.yaml"), "context: .\n      dockerfile: services/orders/Dockerfile\n"));
}
