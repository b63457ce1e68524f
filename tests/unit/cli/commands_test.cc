#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "cli/commands/catalogue.h"
#include "tests/catch.h"
#include "tests/fakes/cli.h"

using namespace msctl;

namespace {

fakes::Ran run(const std::vector<std::string>& words, const std::string& folder = "/") {
  fakes::Shell shell;
  shell.folder = folder;
  return shell.run(cli::commands::catalogue(), words);
}

struct Workspace {
  Workspace() {
    char name[] = "/tmp/msctl-commands-XXXXXX";
    path = ::mkdtemp(name);
    write("msctl.yaml", "workspace: shop\nservices: [services/*]\n");
    write("services/orders/service.yaml", "service: orders\nlanguage: none\nrun: [./orders]\n");
  }
  ~Workspace() { std::filesystem::remove_all(path); }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((path / file).parent_path());
    std::ofstream(path / file) << text;
  }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("version, as a command and as a flag") {
  CHECK(run({"version"}).out == run({"--version"}).out);
  CHECK(run({"version", "-o", "json"}).json()["version"].is_string());
  CHECK(run({"--version", "-o", "json"}).json() == run({"version", "-o", "json"}).json());
}

TEST_CASE("explain tells cause, example and cure of every code") {
  auto list = run({"explain", "-o", "json"}).json();
  REQUIRE(list["codes"].size() == base::all_codes().size());
  for (const auto& each : list["codes"]) {
    auto one = run({"explain", each["code"], "-o", "json"}).json();
    CHECK(one["cause"] == each["cause"]);
    CHECK(one["ok"] == true);
  }
  CHECK(run({"explain", "msc1012"}).out.find("nedes") != std::string::npos);
  auto wrong = run({"explain", "MSC9999"});
  CHECK(wrong.status == 64);
  CHECK(wrong.err.starts_with("error[MSC1002]"));
}

TEST_CASE("check: counts where all is well") {
  Workspace shop;
  CHECK(run({"check"}, shop.path).out == "shop: 1 service, 0 routes, no errors\n");
  auto json = run({"check", "-o", "json"}, shop.path / "services/orders").json();
  CHECK(json["ok"] == true);
  CHECK(json["workspace"] == "shop");
  CHECK(json["services"] == nlohmann::json{"orders"});
}

TEST_CASE("check: all errors at once, with place, caret and cure, and status 65") {
  Workspace shop;
  shop.write("services/orders/service.yaml",
             "service: orders\nlanguage: none\nrun: [./orders]\nnedes: [a]\n");
  shop.write("services/cart/service.yaml", "service: cart\nlanguage: none\nrun: [./cart]\nreplicas: many\n");
  auto text = run({"check"}, shop.path);
  CHECK(text.status == 65);
  CHECK(text.out.empty());
  CHECK(text.err.find("services/orders/service.yaml:4:1: error[MSC1012]: unknown key 'nedes'\n    nedes: "
                      "[a]\n    ^~~~~\n") != std::string::npos);
  CHECK(text.err.find("services/cart/service.yaml:4:11: error[MSC1013]") != std::string::npos);
  CHECK(text.err.ends_with("2 errors\n"));
  auto json = run({"check", "-o", "json"}, shop.path);
  CHECK(json.status == 65);
  REQUIRE(json.json()["errors"].size() == 2);
  CHECK(json.json()["errors"][1]["line"] == 4);
}

TEST_CASE("check: the overlay of an environment counts, and shared errors count once") {
  Workspace shop;
  shop.write("msctl.staging.yaml", "gateway: {limts: {}}\n");
  auto ran = run({"check", "-o", "json"}, shop.path);
  CHECK(ran.status == 65);
  CHECK(ran.json()["errors"][0]["file"] == "msctl.staging.yaml");
  shop.write("msctl.staging.yaml", "gateway: {}\n");
  shop.write("services/orders/service.yaml", "service: orders\nlanguage: none\n");
  CHECK(run({"check", "-o", "json"}, shop.path).json()["errors"].size() == 1);
}

TEST_CASE("no workspace is an error with its code") {
  auto ran = run({"check", "-o", "json"});
  CHECK(ran.status == 65);
  CHECK(ran.json()["errors"][0]["code"] == "MSC1003");
}

TEST_CASE("schema prints JSON Schema for each file") {
  auto schema = nlohmann::json::parse(run({"schema", "service"}).out);
  CHECK(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
  CHECK(schema["properties"].contains("needs"));
  CHECK(run({"schema", "-o", "json"}).json()["properties"].contains("workspace"));
  CHECK(run({"schema", "servce"}).err.find("did you mean 'service'?") != std::string::npos);
}

TEST_CASE("help is the text of --help") {
  CHECK(run({"help", "explain"}).out == run({"explain", "--help"}).out);
  CHECK(run({"help"}).out == run({"--help"}).out);
  CHECK(run({}).out == run({"--help"}).out);
  CHECK(run({"help", "explian"}).status == 64);
}
