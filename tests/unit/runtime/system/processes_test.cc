#include "runtime/system/processes.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "runtime/base/fd.h"
#include "tests/catch.h"

using namespace std::chrono_literals;
using msctl::base::Code;
using msctl::system::Command;
using msctl::system::RealProcesses;

namespace {

Command shell(const std::string& script) {
  Command command;
  command.argv = {"sh", "-c", script};
  return command;
}

}  // namespace

TEST_CASE("a command's output and status come back") {
  RealProcesses processes;
  auto result = processes.run(shell("echo out; echo err >&2; exit 3"));
  REQUIRE(result);
  CHECK(result->status == 3);
  CHECK(result->output == "out\nerr\n");
  CHECK(processes.run(shell("kill -9 $$"))->status == 137);
}

TEST_CASE("folder and environment are the command's own, without msctl's variables") {
  ::setenv("MSCTL_OUTPUT", "json", 1);
  Command command = shell("pwd; echo $A; env | grep -c ^MSCTL_");
  command.folder = "/usr";
  command.env = {{"A", "b c"}};
  CHECK(RealProcesses{}.run(command)->output == "/usr\nb c\n0\n");
  ::unsetenv("MSCTL_OUTPUT");
}

TEST_CASE("what cannot be started has a code") {
  Command missing;
  missing.argv = {"no-such-program-anywhere"};
  CHECK(RealProcesses{}.run(missing).error().code == Code::toolMissing);
  missing.argv = {"./no-such-file"};
  CHECK(RealProcesses{}.run(missing).error().code == Code::startFailed);
}

TEST_CASE("a time-out ends the command and what it started") {
  Command command = shell("sleep 60 & sleep 60");
  command.timeout = 50ms;
  auto result = RealProcesses{}.run(command);
  REQUIRE(result);
  CHECK(result->timed_out);
}

// A pipe that the command itself makes readable, once it is ready to be asked.
struct Cancelling {
  Cancelling() {
    path = (std::filesystem::temp_directory_path() / "msctl-cancel-XXXXXX").string();
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    path += "/fifo";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    descriptor = msctl::base::Fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }
  ~Cancelling() { std::filesystem::remove_all(std::filesystem::path(path).parent_path()); }
  std::string path;
  msctl::base::Fd descriptor;
};

TEST_CASE("a command that is cancelled may be asked to end, and tells how it did") {
  const Cancelling cancelling;
  Command command = shell("trap 'echo asked; exit 3' TERM; echo x >\"$FIFO\"; while :; do :; done");
  command.env = {{"FIFO", cancelling.path}};
  command.cancel = cancelling.descriptor.get();
  command.grace = 60s;
  auto result = RealProcesses{}.run(command);
  REQUIRE(result);
  CHECK(result->cancelled);
  CHECK(result->status == 3);
  CHECK(result->output == "asked\n");
}

TEST_CASE("one that does not end when it is asked is killed") {
  const Cancelling cancelling;
  Command command = shell("trap '' TERM; echo x >\"$FIFO\"; while :; do :; done");
  command.env = {{"FIFO", cancelling.path}};
  command.cancel = cancelling.descriptor.get();
  command.grace = 50ms;
  auto result = RealProcesses{}.run(command);
  REQUIRE(result);
  CHECK(result->cancelled);
  CHECK(result->status == 137);
}

TEST_CASE("only the last bytes of a flood are kept") {
  Command command = shell("head -c 3000000 /dev/zero; echo end");
  command.output_limit = 1000;
  auto result = RealProcesses{}.run(command);
  CHECK(result->output.size() == 1000);
  CHECK(result->output.ends_with("end\n"));
}

TEST_CASE("ends are told in words") {
  CHECK(msctl::system::describe_exit(3 << 8) == "exit status 3");
  CHECK(msctl::system::describe_exit(9) == "SIGKILL");
}
