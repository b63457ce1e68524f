#include <algorithm>

#include "runtime/base/names.h"
#include "scaffolds/embedded.h"
#include "scaffolds/service.h"
#include "scaffolds/workspace.h"
#include "tests/catch.h"

using namespace msctl;
using scaffolds::EmbeddedLanguage;
using scaffolds::render_service;
using scaffolds::with_needs;

namespace {

const EmbeddedLanguage tiny{
    "tiny",
    "",
    {{"client_base.txt", false, "shared"},
     {"clients/sample_need.txt", false, "SampleNeed of sample-service at SAMPLE_NEED_URL"},
     {"list.txt", false, "sample-service:\nall\n- SampleNeed\n-- SampleNeed of sample-service\nend"},
     {"run.sh", true, "#!/bin/sh\n"},
     {"sample_service.txt", false, "sample-service"},
     {"service.yaml", false, "service: sample-service\nneeds: [redis]  # why\nroutes: []\n"}}};

toolchain::Language tiny_description() {
  toolchain::Language out;
  out.name = "tiny";
  out.per_need = {"clients/sample_need.txt", "list.txt: - SampleNeed",
                  "list.txt: -- SampleNeed of sample-service"};
  out.with_needs = {"client_base.txt", "list.txt: all"};
  out.needs_redis = true;
  return out;
}

}  // namespace

TEST_CASE("a service without needs has no clients") {
  auto tree = render_service(tiny, tiny_description(), {"orders", {}, {}});
  REQUIRE(tree);
  CHECK(tree->size() == 4);
  CHECK(tree->at("list.txt").content == "orders:\nend");
  CHECK(tree->at("orders.txt").content == "orders");
  CHECK(tree->at("run.sh").executable);
  CHECK(tree->at("service.yaml").content == "service: orders\nneeds: [redis]  # why\nroutes: []\n");
}

TEST_CASE("each need has a client of its own") {
  auto tree =
      render_service(tiny, tiny_description(), {"orders", {"inventory", "price-list"}, {"redis", "ledger"}});
  REQUIRE(tree);
  CHECK(tree->at("clients/inventory.txt").content == "Inventory of orders at INVENTORY_URL");
  CHECK(tree->at("clients/price_list.txt").content == "PriceList of orders at PRICE_LIST_URL");
  CHECK(tree->contains("client_base.txt"));
  CHECK(tree->at("list.txt").content ==
        "orders:\nall\n- Inventory\n- PriceList\n-- Inventory of orders\n-- PriceList of orders\nend");
  CHECK(tree->at("service.yaml").content ==
        "service: orders\nneeds: [inventory, price-list, redis, ledger]  # why\nroutes: []\n");
}

TEST_CASE("needs are written where YAML would misread them, too") {
  CHECK(*with_needs("service: a\nneeds: [x]\n", {"yes", "123"}) == "service: a\nneeds: [\"yes\", \"123\"]\n");
  CHECK(*with_needs("service: a\nneeds: [x]\nlanguage: go\n", {}) == "service: a\nlanguage: go\n");
  CHECK(*with_needs("needs: [x]", {"b"}) == "needs: [b]");
  CHECK(with_needs("service: a\n", {"b"}).error().code == base::Code::badTemplate);
  CHECK(with_needs("needs:\n  - a\n", {"b"}).error().code == base::Code::badTemplate);
}

TEST_CASE("a template's file outside the new folder is refused") {
  for (std::string_view path : {"../x", "/etc/x", "a/../../x", "a//b", "./x"}) {
    EmbeddedLanguage bad{"bad", "", {{path, false, ""}}};
    auto tree = render_service(bad, {}, {"orders", {}, {}});
    REQUIRE_FALSE(tree);
    CHECK(tree.error().code == base::Code::badTemplate);
  }
}

TEST_CASE("every language in this binary is whole") {
  auto toolchains = scaffolds::toolchains();
  if (!toolchains) FAIL(base::to_text(toolchains.error()));
  REQUIRE_FALSE(toolchains->all().empty());
  for (const EmbeddedLanguage& language : scaffolds::languages()) {
    INFO(language.name);
    const toolchain::Language* description = toolchains->find(language.name);
    REQUIRE(description != nullptr);
    CHECK_FALSE(description->run.empty());
    CHECK_FALSE(description->test.empty());
    CHECK_FALSE(description->lint.empty());
    CHECK_FALSE(description->lock_files.empty());
    auto path_is = [&](const std::string& path) {
      return std::ranges::find(language.files, path, &scaffolds::EmbeddedFile::path) != language.files.end();
    };
    auto line_is = [&](const std::string& entry) {
      const std::size_t colon = entry.find(": ");
      if (colon == std::string::npos) return false;
      const std::string line = "\n" + entry.substr(colon + 2) + "\n";
      auto file = std::ranges::find(language.files, entry.substr(0, colon), &scaffolds::EmbeddedFile::path);
      return file != language.files.end() && file->content.find(line) != std::string_view::npos;
    };
    for (const auto* list : {&description->per_need, &description->with_needs})
      for (const std::string& path : *list) {
        INFO(path);
        CHECK((path_is(path) || line_is(path)));
      }
    for (const char* path :
         {"service.yaml", "openapi.yaml", "README.md", ".gitignore", ".dockerignore", ".editorconfig"}) {
      INFO(path);
      CHECK(path_is(path));
    }
    for (const scaffolds::EmbeddedFile& file : language.files)
      for (const std::string& artefact : description->artefacts)
        CHECK_FALSE(file.path.starts_with(artefact + "/"));
  }
}

TEST_CASE("no sentinel is left in a rendered service") {
  auto toolchains = scaffolds::toolchains();
  REQUIRE(toolchains);
  for (const EmbeddedLanguage& language : scaffolds::languages()) {
    auto tree = render_service(language, *toolchains->find(language.name),
                               {"order-api", {"price-list", "stock"}, {}});
    REQUIRE(tree);
    for (const auto& [path, file] : *tree) {
      INFO(language.name << "/" << path);
      for (const char* sentinel :
           {"sample-service", "sample_service", "SampleService", "sampleService", "SAMPLE_SERVICE",
            "sample-need", "sample_need", "SampleNeed", "sampleNeed", "SAMPLE_NEED"}) {
        CHECK(file.content.find(sentinel) == std::string::npos);
        CHECK(path.find(sentinel) == std::string::npos);
      }
    }
  }
}

TEST_CASE("a workspace holds one service a language, and Redis only when one needs it") {
  auto bare = scaffolds::render_workspace("shop", {});
  REQUIRE(bare);
  CHECK(bare->contains("msctl.yaml"));
  CHECK(bare->contains(".gitignore"));
  CHECK_FALSE(bare->contains("services/redis/service.yaml"));
  CHECK(bare->at("msctl.yaml").content.starts_with("schema: 1\nworkspace: shop\nservices: [services/*]"));

  auto full = scaffolds::render_workspace("shop", {"go"});
  REQUIRE(full);
  CHECK(full->contains("services/redis/service.yaml"));
  CHECK(full->at("services/hello-go/service.yaml").content.starts_with("service: hello-go\n"));
}

TEST_CASE("an unknown language is named with the one that was meant") {
  auto wrong = scaffolds::render_workspace("shop", {"gp"});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == base::Code::unknownName);
  CHECK(wrong.error().suggestion == "did you mean 'go'?");
}

TEST_CASE("every language takes every valid name") {
  auto toolchains = scaffolds::toolchains();
  REQUIRE(toolchains);
  for (const EmbeddedLanguage& language : scaffolds::languages())
    for (const std::string& name : {std::string("a"), std::string("2fa"), std::string("class"),
                                    std::string("a--b"), std::string(63, 'x')}) {
      auto tree = render_service(language, *toolchains->find(language.name),
                                 {name, {"import", "3d", "redis-cache"}, {}});
      INFO(language.name << " " << name);
      REQUIRE(tree);
      CHECK(tree->at("service.yaml").content.find("redis-cache, redis]") != std::string::npos);
    }
}
