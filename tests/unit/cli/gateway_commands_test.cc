#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "cli/commands/catalogue.h"
#include "gateway/config/decode.h"
#include "tests/catch.h"
#include "tests/fakes/cli.h"

using namespace msctl;

namespace {

struct Workspace {
  Workspace() {
    char name[] = "/tmp/msctl-gateway-XXXXXX";
    path = ::mkdtemp(name);
    std::filesystem::create_directories(path / "services/orders");
    write("msctl.yaml", "workspace: shop\nservices: [services/*]\n");
    write("services/orders/service.yaml",
          "service: orders\nlanguage: none\nrun: [./orders]\nroutes:\n"
          "  - match: {path: /orders/**, methods: [GET, POST]}\n    request: {stripPrefix: /orders}\n"
          "  - match: {path: \"/orders/{id}\", headers: {X-Beta: \"1\"}}\n");
  }
  ~Workspace() { std::filesystem::remove_all(path); }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  void write(const std::string& file, const std::string& text) const { std::ofstream(path / file) << text; }

  fakes::Ran run(const std::vector<std::string>& words) const {
    fakes::Shell shell;
    shell.folder = path;
    return shell.run(cli::commands::catalogue(), words);
  }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("gateway config prints a file that the gateway takes") {
  Workspace shop;
  auto ran = shop.run({"gateway", "config"});
  REQUIRE(ran.status == 0);
  auto config = gateway::config::load_text(ran.out, "gateway.yaml", "/");
  REQUIRE(config);
  CHECK(config->listeners.front().address == "127.0.0.1:8080");
  REQUIRE(config->routes.size() == 2);
  CHECK(config->routes[0].upstream == "orders");
  CHECK(config->routes[0].request.strip_prefix == "/orders");
  CHECK(shop.run({"gateway", "config", "-o", "json"}).json()["config"]["routes"][1]["name"] == "orders-2");
}

TEST_CASE("gateway check judges a file, or the workspace") {
  Workspace shop;
  CHECK(shop.run({"gateway", "check"}).out == "gateway: 1 listener, 2 routes, 1 upstream, no errors\n");
  shop.write("gateway.yaml", "listeners: [{address: nowhere}]\nroutes: [{match: {path: /a}, upstream: b}]\n");
  auto ran = shop.run({"gateway", "check", "--config", "gateway.yaml", "-o", "json"});
  CHECK(ran.status == 65);
  CHECK(ran.json()["errors"].size() == 2);
  CHECK(shop.run({"gateway", "check", "--config", "missing.yaml"}).err.find("MSC1004") != std::string::npos);
}

TEST_CASE("gateway key makes another key each time, known by its digest") {
  Workspace shop;
  auto first = shop.run({"gateway", "key", "acme", "--groups", "gold,eu", "-o", "json"}).json();
  auto second = shop.run({"gateway", "key", "acme", "-o", "json"}).json();
  CHECK(first["key"] != second["key"]);
  CHECK(first["key"].get<std::string>().size() == 64);
  CHECK(first["entry"]["sha256"] != first["key"]);
  CHECK(first["entry"]["groups"] == nlohmann::json{"gold", "eu"});

  auto text = shop.run({"gateway", "key", "acme"});
  shop.write("keys.yaml", text.out);
  base::Errors errors;
  auto keys = gateway::config::load_keys(shop.path / "keys.yaml", "keys.yaml", errors);
  CHECK(errors.empty());
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].name == "acme");
  CHECK(text.err.find(keys[0].sha256) == std::string::npos);
}

TEST_CASE("gateway routes lists the most specific first") {
  Workspace shop;
  auto routes = shop.run({"gateway", "routes", "-o", "json"}).json()["routes"];
  REQUIRE(routes.size() == 2);
  CHECK(routes[0]["route"] == "orders-2");
  CHECK(routes[1]["path"] == "/orders/**");
  CHECK(shop.run({"gateway", "routes"}).out.starts_with("ROUTE"));
}

TEST_CASE("gateway explain tells the route, the path upstream, and why not the others") {
  Workspace shop;
  auto found = shop.run({"gateway", "explain", "GET", "/orders/7?v=2", "-o", "json"}).json();
  CHECK(found["outcome"] == "found");
  CHECK(found["route"] == "orders");
  CHECK(found["upstreamPath"] == "/7?v=2");
  CHECK(found["candidates"].size() == 2);
  auto beta = shop.run({"gateway", "explain", "GET", "/orders/7", "-H", "X-Beta: 1", "-o", "json"}).json();
  CHECK(beta["route"] == "orders-2");
  CHECK(beta["parameters"]["id"] == "7");
  CHECK(shop.run({"gateway", "explain", "DELETE", "/orders"}).out.starts_with("405"));
  CHECK(shop.run({"gateway", "explain", "GET", "/nothing"}).out.starts_with("404"));
  CHECK(shop.run({"gateway", "explain", "GET", "/a//b"}).out.starts_with("400"));
  CHECK(shop.run({"gateway", "explain", "GET", "/", "-H", "wrong"}).status == 64);
}
