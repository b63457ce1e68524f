#include "runtime/secrets/sops/sops.h"
#include "runtime/secrets/variables/variables.h"
#include "tests/catch.h"
#include "tests/fakes/processes.h"

using namespace msctl;
using namespace msctl::secrets;
using base::Code;

namespace {

const std::vector<Wanted> wanted{{"orders", {"KEY", "PORT"}}, {"user-mail", {"KEY"}}};

struct World {
  fakes::FakeProcesses processes;
  Sops sops{"/shop/secrets/prod.yaml", "secrets/prod.yaml", processes, false, -1};

  void answers(system::Finished finished) {
    processes.answer = [finished](const system::Command&) { return finished; };
  }
};

}  // namespace

TEST_CASE("a variable is named after the pattern") {
  CHECK(variable_name("{NAME}", "orders", "KEY") == "KEY");
  CHECK(variable_name("PROD_{SERVICE}_{NAME}", "user-mail", "KEY") == "PROD_USER_MAIL_KEY");
}

TEST_CASE("variables give what is there, and every one that is not is told by its name") {
  std::map<std::string, std::string> there{{"ORDERS_KEY", "hush"}, {"USER_MAIL_KEY", ""}};
  Variables variables("{SERVICE}_{NAME}", [&](const std::string& name) {
    const auto found = there.find(name);
    return found == there.end() ? std::nullopt : std::optional(found->second);
  });
  const auto refused = variables.read(wanted);
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().size() == 2);
  CHECK(refused.error()[0].code == Code::secretMissing);
  CHECK(refused.error()[0].message == "orders has no PORT in the variable ORDERS_PORT");
  // An empty one is what a job gets that may not see it.
  CHECK(refused.error()[1].message == "user-mail has no KEY in the variable USER_MAIL_KEY");
  there["ORDERS_PORT"] = "1";
  there["USER_MAIL_KEY"] = "other";
  const auto read = variables.read(wanted);
  REQUIRE(read);
  CHECK(*read == Values{{"orders", {{"KEY", "hush"}, {"PORT", "1"}}}, {"user-mail", {{"KEY", "other"}}}});
}

TEST_CASE("sops opens the file, and its values are in no argument") {
  World world;
  world.answers(
      {.output = R"({"orders": {"KEY": "hush", "PORT": "8080", "else": []}, "user-mail": {"KEY": "true"}})"});
  const auto read = world.sops.read(wanted);
  REQUIRE(read);
  CHECK(read->at("orders") == std::map<std::string, std::string>{{"KEY", "hush"}, {"PORT", "8080"}});
  CHECK(read->at("user-mail").at("KEY") == "true");
  REQUIRE(world.processes.asked.size() == 1);
  const system::Command& command = world.processes.asked[0];
  CHECK(command.argv ==
        std::vector<std::string>{"sops", "--decrypt", "--output-type", "json", "/shop/secrets/prod.yaml"});
  CHECK(command.inherit_errors);
  CHECK_FALSE(command.inherit_output);
}

TEST_CASE("nobody asks sops for nothing") {
  World world;
  CHECK(world.sops.read({})->empty());
  CHECK(world.processes.asked.empty());
}

TEST_CASE("what is not in the file is told by service and name, and no value with it") {
  World world;
  world.answers({.output = R"({"orders": {"KEY": "hush"}})"});
  const auto refused = world.sops.read(wanted);
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().size() == 2);
  CHECK(refused.error()[0].message == "orders has no PORT in secrets/prod.yaml");
  CHECK(refused.error()[1].message == "user-mail has no KEY in secrets/prod.yaml");
  for (const base::Error& error : refused.error())
    CHECK(base::to_text(error).find("hush") == std::string::npos);
}

TEST_CASE("a number is no text: it would come out as another one") {
  World world;
  world.answers({.output = R"({"orders": {"KEY": 1.10, "PORT": [1]}, "user-mail": {"KEY": "x"}})"});
  const auto refused = world.sops.read(wanted);
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().size() == 2);
  CHECK(refused.error()[0].code == Code::sopsFailed);
  CHECK(refused.error()[0].message == "secrets/prod.yaml: KEY of orders is no text");
  CHECK(refused.error()[0].suggestion == "put it into quotes: sops edit secrets/prod.yaml");
}

TEST_CASE("sops that refuses, is not there, or opens something else") {
  World world;
  world.answers({.status = 128});
  CHECK(world.sops.read(wanted).error()[0].code == Code::sopsFailed);
  CHECK(world.sops.read(wanted).error()[0].message.find("exit status 128") != std::string::npos);
  world.answers({.timed_out = true});
  CHECK(world.sops.read(wanted).error()[0].code == Code::sopsFailed);
  world.answers({.cancelled = true});
  CHECK(world.sops.read(wanted).error()[0].code == Code::interrupted);
  for (const char* output : {"", "[]", "hush", "{\"orders\": "}) {
    world.answers({.output = output});
    const auto refused = world.sops.read(wanted);
    REQUIRE_FALSE(refused);
    CHECK(refused.error()[0].code == Code::sopsFailed);
    CHECK(base::to_text(refused.error()[0]).find("hush") == std::string::npos);
  }
  world.processes.answer = [](const system::Command&) -> base::Result<system::Finished> {
    return base::fail(Code::toolMissing, "'sops' is not on PATH");
  };
  const auto missing = world.sops.read(wanted);
  CHECK(missing.error()[0].code == Code::toolMissing);
  CHECK(missing.error()[0].suggestion.find("getsops.io") != std::string::npos);
}
