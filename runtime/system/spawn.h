// posix_spawn with the descriptors, folder, session and environment that msctl's children get. Signals are
// all at their default and unblocked in the child; every descriptor but the three given is closed (msctl
// opens all with CLOEXEC).
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::system {

struct Spawn {
  std::vector<std::string> argv;         // argv[0] is looked for on PATH unless it has a '/'
  std::vector<std::string> environment;  // "NAME=value", the whole of it
  std::string folder;
  int input = -1, output = -1, error = -1;  // -1: /dev/null
  bool new_session = false;                 // setsid; otherwise a process group of its own
  bool same_group = false;                  // neither of them: it may read from the terminal
};

// The child's pid, or the errno that execve or the preparation gave.
std::expected<pid_t, int> spawn(const Spawn& request);

}  // namespace msctl::system
