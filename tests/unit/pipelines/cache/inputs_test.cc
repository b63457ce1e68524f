// What a key depends on, over a real repository.
#include "pipelines/cache/inputs.h"

#include "tests/catch.h"
#include "tests/unit/runtime/git/repository_folder.h"

using namespace msctl;
using cache::Inputs;
using tests::RepositoryFolder;

namespace {

workspace::Service service() {
  workspace::Service out;
  out.name = "orders";
  out.relative = "services/orders";
  out.uses = {"libs/money"};
  return out;
}

void fill(const RepositoryFolder& folder) {
  folder.write(".gitignore", "*.log\n");
  folder.write("services/orders/main", "1");
  folder.write("services/orders/bin/made", "1");
  folder.write("services/orders-old/main", "1");
  folder.write("libs/money/round", "1");
  folder.write("libs/other", "1");
}

Inputs inputs(const RepositoryFolder& folder, const cache::Task& task = {}) {
  auto tree = cache::Tree::look(folder.path());
  REQUIRE(tree);
  auto out = cache::inputs_of(service(), task, *tree);
  REQUIRE(out);
  return *out;
}

cache::Task task() {
  return {"test", {{"make", "check"}}, {"A=1"}, {"services/orders/bin"}, {{"tool make", "4.3", {}}}};
}

}  // namespace

TEST_CASE("a key changes with what the result depends on, and with nothing else") {
  RepositoryFolder folder;
  fill(folder);
  const std::string before = cache::key_of(inputs(folder, task()));
  const auto now = [&] { return cache::key_of(inputs(folder, task())); };
  folder.write("libs/other", "2");
  folder.write("services/orders-old/main", "2");
  folder.write("services/orders/bin/made", "2");
  folder.write("services/orders/a.log", "2");
  CHECK(now() == before);
  folder.commit();
  CHECK(now() == before);  // committed or not is the same content

  SECTION("its own files") {
    folder.write("services/orders/main", "2");
  }
  SECTION("a new file") {
    folder.write("services/orders/new", "");
  }
  SECTION("a mode") {
    folder.shell("chmod +x services/orders/main");
  }
  SECTION("a file that is gone") {
    folder.shell("rm services/orders/main; touch services/orders/x");
  }
  SECTION("what it uses") {
    folder.write("libs/money/round", "2");
  }
  CHECK(now() != before);
}

TEST_CASE("a key changes with the steps, the tools and the variables") {
  RepositoryFolder folder;
  fill(folder);
  const std::string before = cache::key_of(inputs(folder, task()));
  cache::Task other = task();
  SECTION("kind") {
    other.kind = "lint";
  }
  SECTION("another step") {
    other.steps = {{"make", "all"}};
  }
  SECTION("words cut elsewhere") {
    other.steps = {{"make check"}};
  }
  SECTION("a variable's value") {
    other.variables = {"A=2"};
  }
  SECTION("a variable gone") {
    other.variables = {};
  }
  SECTION("a tool's version") {
    other.tools[0].value = "4.4";
  }
  CHECK(cache::key_of(inputs(folder, other)) != before);
}

TEST_CASE("names and values are not mixed up") {
  CHECK(cache::key_of({{"a", "bc", {}}}) != cache::key_of({{"ab", "c", {}}}));
  CHECK(cache::key_of({{"a", "b", {}}, {"c", "d", {}}}) != cache::key_of({{"a", "bc", {}}, {"", "d", {}}}));
}

TEST_CASE("a variable's value is not kept, only its hash") {
  RepositoryFolder folder;
  fill(folder);
  cache::Task secret = task();
  secret.variables = {"TOKEN=hunter2"};
  for (const cache::Input& input : inputs(folder, secret))
    CHECK(input.value.find("hunter2") == std::string::npos);
}

TEST_CASE("differences are told by name") {
  RepositoryFolder folder;
  fill(folder);
  const Inputs before = inputs(folder, task());
  folder.write("services/orders/main", "2");
  folder.write("services/orders/new", "");
  folder.shell("rm libs/money/round; touch libs/money/rounds");
  const auto all = cache::differences(before, inputs(folder, task()), 10);
  CHECK(all == std::vector<std::string>{"libs/money/round is gone", "libs/money/rounds is new",
                                        "services/orders/main has changed", "services/orders/new is new"});
  CHECK(cache::differences(before, inputs(folder, task()), 1) ==
        std::vector<std::string>{"libs/money/round is gone", "and 3 more"});
}

TEST_CASE("a file that was written anew in between is noticed, though its content is the same") {
  RepositoryFolder folder;
  fill(folder);
  folder.commit();
  const Inputs before = inputs(folder, task());
  std::string name;
  CHECK(cache::untouched(before, inputs(folder, task()), name));
  folder.shell("touch -d '2001-01-01' services/orders/main");
  CHECK_FALSE(cache::untouched(before, inputs(folder, task()), name));
  CHECK(name == "services/orders/main");
}

TEST_CASE("what git ignores cannot be told") {
  RepositoryFolder folder;
  fill(folder);
  folder.write(".gitignore", "libs/\n");
  auto tree = cache::Tree::look(folder.path());
  REQUIRE(tree);
  auto out = cache::inputs_of(service(), task(), *tree);
  REQUIRE_FALSE(out);
  CHECK(out.error().code == base::Code::notKept);
  CHECK(out.error().message.find("libs/money") != std::string::npos);
}

TEST_CASE("a service that is the whole workspace") {
  RepositoryFolder folder;
  folder.write("main", "1");
  folder.write("services/orders/main", "1");
  auto tree = cache::Tree::look(folder.path());
  REQUIRE(tree);
  Inputs all;
  CHECK(tree->add("", {"services/orders", ".msctl"}, all));
  REQUIRE(all.size() == 1);
  CHECK(all[0].name == "file main");
}

TEST_CASE("a workspace below the root of its repository") {
  RepositoryFolder folder;
  folder.write("shop/services/orders/main", "1");
  folder.write("shop/libs/money/round", "1");
  folder.write("services/orders/main", "other");
  auto tree = cache::Tree::look(folder.path() + "/shop");
  REQUIRE(tree);
  auto out = cache::inputs_of(service(), {}, *tree);
  REQUIRE(out);
  CHECK(out->back().name == "file libs/money/round");
}
