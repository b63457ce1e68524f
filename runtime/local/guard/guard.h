// The guard of a run: a process of its own that starts the services and outlives msctl for as long as it
// takes to end them.
//
// When msctl dies, by whatever cause, the socket between the two reaches its end; the guard then ends
// everything it started and everything that descends from it, removes the run's state, and ends itself.
// Grandchildren that forked twice and called setsid are found because the guard is their subreaper: an orphan
// becomes the guard's child, not init's.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"
#include "runtime/base/fd.h"

namespace msctl::local::guard {

struct GuardOptions {
  std::string journal;  // path, see journal.h
  int lock = -1;        // held open until the guard ends: the run is not over before
  base::Duration grace = std::chrono::seconds{2};  // between SIGTERM and SIGKILL, when msctl is gone
  std::vector<std::string> remove;                 // files to be removed at the end: the run's state
};

struct Started {
  base::Fd socket;
  pid_t pid = 0;
};

// Forks the guard. Must be called before msctl has threads. In the guard it does not return.
base::Result<Started> start(const GuardOptions& options);

}  // namespace msctl::local::guard
