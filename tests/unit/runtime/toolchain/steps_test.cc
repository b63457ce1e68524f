#include "runtime/toolchain/steps.h"

#include "runtime/toolchain/commands.h"
#include "runtime/toolchain/requirements.h"
#include "tests/catch.h"
#include "tests/fakes/processes.h"

using namespace msctl;
using toolchain::Argv;

namespace {

toolchain::Language go() {
  toolchain::Language out;
  out.name = "go";
  out.title = "Go";
  out.build = {{"go", "build"}};
  out.test = {{"go", "test"}};
  out.lint = {{"gofmt"}, {"go", "vet"}};
  out.run = {"./bin"};
  out.junit = {{"--junit"}, "out.xml"};
  return out;
}

system::Finished finished(int status, std::string output = {}) {
  system::Finished out;
  out.status = status;
  out.output = std::move(output);
  return out;
}

std::string always(const std::string& name) {
  return "/bin/" + name;
}

}  // namespace

TEST_CASE("a service's own command stands before its language's") {
  const toolchain::Languages languages({go()});
  workspace::Service service;
  service.language = "go";
  auto commands = toolchain::commands_for(service, languages);
  CHECK(commands.lint == std::vector<Argv>{{"gofmt"}, {"go", "vet"}});
  CHECK(commands.run == Argv{"./bin"});
  CHECK(commands.junit.file == "out.xml");

  service.commands.test = {"make", "test"};
  service.commands.run = {"./mine"};
  commands = toolchain::commands_for(service, languages);
  CHECK(commands.test == std::vector<Argv>{{"make", "test"}});
  CHECK(commands.build == std::vector<Argv>{{"go", "build"}});
  CHECK(commands.run == Argv{"./mine"});
  CHECK(commands.junit.file.empty());

  service = {};
  service.language = "none";
  CHECK(toolchain::commands_for(service, languages).test.empty());
}

TEST_CASE("steps run in order in the service's folder, and end at the first that fails") {
  fakes::FakeProcesses processes;
  processes.answer = [](const system::Command& command) {
    return command.argv.front() == "two" ? finished(3, "bad\n") : finished(0, "good\n");
  };
  base::SystemClock clock;
  auto outcomes = toolchain::run_jobs({{"a", "/w/a", {{"one"}, {"two", "x"}, {"three"}}}}, 2, processes,
                                      clock, -1, [](const auto&) {});
  REQUIRE(outcomes.size() == 1);
  CHECK_FALSE(outcomes[0].ok);
  CHECK(outcomes[0].failed == Argv{"two", "x"});
  CHECK(outcomes[0].why == "exit status 3");
  CHECK(outcomes[0].output == "good\nbad\n");
  REQUIRE(processes.asked.size() == 2);
  CHECK(processes.asked[0].folder == "/w/a");
}

TEST_CASE("a program that is missing fails its service only") {
  fakes::FakeProcesses processes;
  processes.answer = [](const system::Command& command) -> base::Result<system::Finished> {
    if (command.argv.front() == "gone") return base::fail(base::Code::toolMissing, "cannot run gone");
    return system::Finished{};
  };
  base::SystemClock clock;
  int done = 0;
  auto outcomes = toolchain::run_jobs({{"a", "", {{"gone"}}}, {"b", "", {{"there"}}}}, 1, processes, clock,
                                      -1, [&](const auto&) { ++done; });
  CHECK_FALSE(outcomes[0].ok);
  CHECK(outcomes[0].why == "cannot run gone");
  CHECK(outcomes[1].ok);
  CHECK(done == 2);
}

TEST_CASE("versions are found and compared as numbers") {
  CHECK(toolchain::version_in("go version go1.22.3 linux/amd64") == "1.22.3");
  CHECK(toolchain::version_in("Python 3.11.7\n") == "3.11.7");
  CHECK(toolchain::version_in("v18.") == "18");
  CHECK(toolchain::version_in("none").empty());
  CHECK(toolchain::is_at_least("1.22", "1.22.0"));
  CHECK(toolchain::is_at_least("1.10", "1.9"));
  CHECK_FALSE(toolchain::is_at_least("1.9", "1.10"));
  CHECK_FALSE(toolchain::is_at_least("", "1"));
}

TEST_CASE("a toolchain that is missing is named with the package that brings it") {
  fakes::FakeProcesses processes;
  const toolchain::Requirement requirement{
      "go", {"go", "version"}, "1.22", {"golang-go"}, "compiles the service"};

  auto absent = toolchain::missing(requirement, processes, [](const std::string&) { return std::string{}; });
  REQUIRE(absent);
  CHECK(absent->code == base::Code::toolMissing);
  CHECK(absent->suggestion == "apt-get install golang-go");
  CHECK(processes.asked.empty());

  processes.answer = [](const system::Command&) { return finished(0, "go version go1.19.8 linux/amd64"); };
  auto old = toolchain::missing(requirement, processes, always);
  REQUIRE(old);
  CHECK(old->message == "'go version' says version 1.19.8, and 1.22 is needed at least");

  processes.answer = [](const system::Command&) { return finished(1, "no such package"); };
  CHECK(toolchain::missing(requirement, processes, always));
  processes.answer = [](const system::Command&) { return finished(0, "go version go1.26.8"); };
  CHECK_FALSE(toolchain::missing(requirement, processes, always));
}
