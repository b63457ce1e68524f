#include "pipelines/run/memory.h"

#include "tests/catch.h"

using namespace msctl;
using pipeline::matches;

namespace {

git::SnapshotFile file(std::string path, unsigned char id) {
  git::SnapshotFile out;
  out.path = std::move(path);
  out.stored.mode = 0100644;
  out.stored.id[0] = id;
  return out;
}

pipeline::Job job() {
  pipeline::Job out;
  out.id = "orders-test";
  out.tasks = {{"test", {"msctl", "test", "orders"}}};
  out.paths = {"services/orders/**", "msctl.yaml", "msctl.*.yaml"};
  return out;
}

}  // namespace

TEST_CASE("paths of jobs", "[pipeline]") {
  CHECK(matches("**", "a/b"));
  CHECK(matches("services/orders/**", "services/orders/main.go"));
  CHECK(matches("services/orders/**", "services/orders/a/b"));
  CHECK_FALSE(matches("services/orders/**", "services/orders-2/main.go"));
  CHECK_FALSE(matches("services/orders/**", "services/orders"));
  CHECK(matches("msctl.yaml", "msctl.yaml"));
  CHECK_FALSE(matches("msctl.yaml", "a/msctl.yaml"));
  CHECK(matches("msctl.*.yaml", "msctl.staging.yaml"));
  CHECK_FALSE(matches("msctl.*.yaml", "msctl.yaml"));
  CHECK_FALSE(matches("msctl.*.yaml", "msctl.a/b.yaml"));
}

TEST_CASE("a job's key tells its own files and commands, and nothing else", "[pipeline]") {
  const std::vector files{file("shop/msctl.yaml", 1), file("shop/services/orders/main.go", 2),
                          file("shop/services/other/main.go", 3), file("elsewhere", 4)};
  const std::string key = key_of(job(), files, "shop/");
  CHECK(key.size() == 64);

  auto others = files;
  others[2].stored.id[0] = 9;
  others[3].stored.id[0] = 9;
  CHECK(key_of(job(), others, "shop/") == key);

  auto own = files;
  own[1].stored.id[0] = 9;
  CHECK(key_of(job(), own, "shop/") != key);
  auto executable = files;
  executable[1].stored.mode = 0100755;
  CHECK(key_of(job(), executable, "shop/") != key);
  auto config = files;
  config[0].stored.id[0] = 9;
  CHECK(key_of(job(), config, "shop/") != key);

  pipeline::Job more = job();
  more.tasks[0].argv.push_back("--contract");
  CHECK(key_of(more, files, "shop/") != key);
  pipeline::Job split = job();
  split.tasks[0].argv = {"msctl", "testorders"};
  CHECK(key_of(split, files, "shop/") != key);
}

TEST_CASE("what is remembered is read again; what is broken is nothing", "[pipeline]") {
  const pipeline::Memory memory{{"orders-test", "abc"}, {"cart-test", "def"}};
  CHECK(pipeline::parse_memory(pipeline::print_memory(memory)) == memory);
  for (const char* broken : {"", "{", "[]", "{}", R"({"passed": 3})", R"({"passed": {"a": 3}})"})
    CHECK(pipeline::parse_memory(broken).empty());
}
