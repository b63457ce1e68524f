#include "pipelines/model/plan.h"

#include <set>

#include "pipelines/model/pins.h"
#include "tests/catch.h"

using namespace msctl;
using pipeline::Job;
using pipeline::Kind;

namespace {

workspace::Service service(std::string name, std::string language, std::vector<std::string> needs = {}) {
  workspace::Service out;
  out.name = name;
  out.relative = "services/" + name;
  out.folder = "/w/" + out.relative;
  out.language = std::move(language);
  out.needs = std::move(needs);
  return out;
}

toolchain::Languages languages() {
  toolchain::Language go;
  go.name = "go";
  go.test = {{"go", "test"}};
  go.lint = {{"go", "vet"}};
  go.integration = {{"go", "test", "./integration"}};
  go.pipeline.debian = {"golang-go"};
  toolchain::Language rust = go;
  rust.name = "rust";
  rust.integration = {};
  return toolchain::Languages({go, rust});
}

workspace::Workspace shop() {
  workspace::Workspace out;
  out.name = "shop";
  out.root = "/w";
  workspace::Service redis = service("redis", "");
  redis.command = {"/usr/bin/redis-server", "--port", "$PORT"};
  out.services = {service("cart", "go", {"prices", "redis"}), service("prices", "rust"), std::move(redis)};
  return out;
}

std::vector<std::string> ids(const pipeline::Pipeline& pipeline) {
  std::vector<std::string> out;
  for (const Job& job : pipeline.jobs) out.push_back(job.id);
  return out;
}

std::vector<std::string> tasks(const Job& job) {
  std::vector<std::string> out;
  for (const pipeline::Task& task : job.tasks) out.push_back(task.name);
  return out;
}

}  // namespace

TEST_CASE("each service has its own jobs; a backing service has none", "[pipeline]") {
  const toolchain::Languages known = languages();
  const workspace::Workspace workspace = shop();
  const auto pipeline = pipeline::plan(workspace, known);
  CHECK(ids(pipeline) == std::vector<std::string>{"cart-test", "cart-integration", "prices-test"});
  CHECK(pipeline.services == std::vector<std::string>{"cart", "prices"});
  CHECK(pipeline.trunk == "main");
  CHECK(tasks(*pipeline.find("cart-test")) == std::vector<std::string>{"lint", "test"});
  CHECK(tasks(*pipeline.find("cart-integration")) == std::vector<std::string>{"integration", "stateless"});
  CHECK(pipeline.find("cart-integration")->after == std::vector<std::string>{"cart-test"});
  CHECK(pipeline.of("cart").size() == 2);
  CHECK(pipeline.find("redis-test") == nullptr);
}

TEST_CASE("no job waits for a job of another service", "[pipeline]") {
  const toolchain::Languages known = languages();
  workspace::Workspace workspace = shop();
  workspace.environments = {{"staging", "here", "", "registry.example/shop"}};
  const auto pipeline = pipeline::plan(workspace, known);
  for (const Job& job : pipeline.jobs)
    for (const std::string& id : job.after) CHECK(pipeline.find(id)->service == job.service);
}

TEST_CASE("what a job depends on: its own files, for the running service those of what it needs, too",
          "[pipeline]") {
  const toolchain::Languages known = languages();
  workspace::Workspace workspace = shop();
  workspace.services[0].uses = {"libs/money"};
  const auto pipeline = pipeline::plan(workspace, known);
  CHECK(pipeline.find("cart-test")->paths ==
        std::vector<std::string>{"services/cart/**", "libs/money/**", "msctl.yaml", "msctl.*.yaml"});
  const Job& running = *pipeline.find("cart-integration");
  const std::set<std::string> paths(running.paths.begin(), running.paths.end());
  CHECK(paths.contains("services/prices/**"));
  CHECK(paths.contains("services/redis/**"));
  CHECK(running.through_needs);
  CHECK(running.toolchains.size() == 2);
  CHECK(running.packages == std::vector<std::string>{"redis-server"});
  CHECK(pipeline.find("cart-test")->packages.empty());
}

TEST_CASE("images are pushed where an environment has a registry, once for each", "[pipeline]") {
  const toolchain::Languages known = languages();
  workspace::Workspace workspace = shop();
  workspace.environments = {{"staging", "", "", "registry.example/shop"},
                            {"demo", "", "", "registry.example/shop"}};
  auto pipeline = pipeline::plan(workspace, known);
  CHECK(ids(pipeline) ==
        std::vector<std::string>{"cart-test", "cart-integration", "cart-push", "prices-test", "prices-push"});
  CHECK(tasks(*pipeline.find("cart-test")) == std::vector<std::string>{"lint", "test", "build"});
  const Job& push = *pipeline.find("cart-push");
  CHECK(push.trunk_only);
  CHECK(push.environment == "staging");
  CHECK(push.after == std::vector<std::string>{"cart-test", "cart-integration"});
  CHECK(push.tasks[0].argv ==
        toolchain::Argv{"msctl", "build", "cart", "--push", "-e", "staging", "--tag", "{commit}"});

  workspace.environments[1].registry = "other.example/shop";
  pipeline = pipeline::plan(workspace, known);
  CHECK(pipeline.find("cart-push-staging") != nullptr);
  CHECK(pipeline.find("cart-push-demo") != nullptr);
}

TEST_CASE("deploys to the environments with a registry and a cluster, in their order", "[pipeline]") {
  const toolchain::Languages known = languages();
  workspace::Workspace workspace = shop();
  workspace.services = {service("cart", "go")};
  workspace.environments = {{"staging", "a", "", "registry.example/shop"},
                            {"demo", "", "", "registry.example/shop"},  // no cluster
                            {"laboratory", "c", "", ""},                // no registry
                            {"production", "b", "", "other.example/shop"}};
  workspace.environments[3].approval = true;
  auto pipeline = pipeline::plan(workspace, known);
  CHECK(ids(pipeline) == std::vector<std::string>{"cart-test", "cart-integration", "cart-push-staging",
                                                  "cart-push-production", "cart-deploy-staging",
                                                  "cart-deploy-production"});
  const Job& staging = *pipeline.find("cart-deploy-staging");
  CHECK(staging.kind == Kind::deploy);
  CHECK(staging.after == std::vector<std::string>{"cart-push-staging"});
  CHECK(staging.tasks[0].argv ==
        toolchain::Argv{"msctl", "deploy", "cart", "-e", "staging", "--tag", "{commit}"});
  CHECK(staging.trunk_only);
  CHECK_FALSE(staging.approval);
  CHECK(staging.toolchains.empty());
  CHECK_FALSE(staging.keeps_results());
  const Job& production = *pipeline.find("cart-deploy-production");
  CHECK(production.after == std::vector<std::string>{"cart-push-production", "cart-deploy-staging"});
  CHECK(production.approval);

  CHECK(production.needs_commit());
  CHECK_FALSE(pipeline.find("cart-test")->needs_commit());
  pipeline.resolve(std::string(40, 'a'));
  CHECK(pipeline.find("cart-deploy-production")->tasks[0].argv.back() == std::string(40, 'a'));
  CHECK_FALSE(pipeline.find("cart-deploy-production")->needs_commit());
}

TEST_CASE("a service that is the workspace's root depends on everything", "[pipeline]") {
  const toolchain::Languages known = languages();
  workspace::Workspace workspace = shop();
  workspace.services = {service("all", "rust")};
  workspace.services[0].relative = ".";
  CHECK(pipeline::plan(workspace, known).find("all-test")->paths[0] == "**");
}

TEST_CASE("a service with nothing to test has no job", "[pipeline]") {
  const toolchain::Languages known = languages();
  workspace::Workspace workspace = shop();
  workspace.services = {service("script", "none")};
  workspace.services[0].commands.run = {"./run"};
  CHECK(pipeline::plan(workspace, known).jobs.empty());
  CHECK(pipeline::plan(workspace, known).services.empty());
}

TEST_CASE("the pins of a workspace go before the shipped ones", "[pipeline]") {
  const toolchain::Languages known = languages();
  const pipeline::Pins own{{"actions/cache", "v5.1.0", std::string(40, 'a')}};
  const pipeline::Pipeline planned = pipeline::plan(shop(), known, own);
  CHECK(planned.pin("actions/cache") == own[0]);
  CHECK(planned.pin("debian") == *pipeline::find_pin(pipeline::shipped_pins(), "debian"));
  CHECK_THROWS(planned.pin("actions/none"));
}

TEST_CASE("pins are whole digests", "[pipeline]") {
  for (const pipeline::Pin& pin : pipeline::shipped_pins()) {
    INFO(pin.name);
    const bool image = pin.digest.starts_with("sha256:");
    CHECK(pin.digest.size() == (image ? 71 : 40));
    CHECK(pin.digest.substr(image ? 7 : 0).find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK_FALSE(pin.version.empty());
  }
}
