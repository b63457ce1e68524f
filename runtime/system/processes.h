// Running a program to its end: a build step, a test, a version query. Argument vectors, never a shell's
// line. (Services are not run by this: they belong to the guard of a run, see runtime/local/guard.)
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace msctl::system {

struct Command {
  std::vector<std::string> argv;
  std::string folder;                      // empty: where msctl was started
  std::map<std::string, std::string> env;  // over the inherited environment, from which MSCTL_* is removed
  std::optional<std::vector<std::string>>
      environment;                       // "NAME=value": all of it, instead of the inherited one
  base::Duration timeout{};              // zero: none; then the whole process group is killed
  bool inherit_output = false;           // straight to msctl's own stdout and stderr, nothing captured
  bool inherit_errors = false;           // stderr is msctl's own, and only stdout is captured
  bool terminal = false;                 // it may ask a person: msctl's own stdin, and its process group
  std::size_t output_limit = 16u << 20;  // bytes kept, the last ones; what comes before is dropped
  int cancel = -1;                       // when this descriptor becomes readable the process group is killed
  base::Duration grace{};  // not zero: before it is killed it is asked to end (SIGTERM), and has this long
};

struct Finished {
  int status = 0;  // exit status; 128 + number where a signal ended it
  bool timed_out = false;
  bool cancelled = false;
  std::string output;  // stdout and stderr as they came
  bool ok() const { return status == 0 && !timed_out && !cancelled; }
};

class Processes {
public:
  virtual ~Processes() = default;
  // Waits for the end. Errors: toolMissing (not on PATH), startFailed (refused by the system).
  virtual base::Result<Finished> run(const Command& command) = 0;
};

class RealProcesses final : public Processes {
public:
  base::Result<Finished> run(const Command& command) override;
};

// What execvp would run, as an absolute path or, with a '/' in it, as it stands; empty: nowhere on PATH.
std::string find_program(const std::string& name);

// The environment for children of msctl: what msctl has, without MSCTL_*, with `extra` over it; "NAME=value",
// sorted.
std::vector<std::string> child_environment(const std::map<std::string, std::string>& extra);

// "exit status 3", "SIGSEGV (core dumped)": a wait status in words.
std::string describe_exit(int wait_status);

// As many open descriptors as this user may have: each connection of the gateway takes one or two.
void raise_descriptor_limit();

}  // namespace msctl::system
