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
