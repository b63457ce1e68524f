// Runs steps of services: one service's in order, several services' side by side.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/system/processes.h"
#include "runtime/toolchain/language.h"

namespace msctl::toolchain {

struct Job {
  std::string service;
  std::string folder;
  std::vector<Argv> steps;
  std::optional<std::vector<std::string>> environment = {};  // of the steps; nothing: msctl's own
};

struct Outcome {
  std::string service;
  bool ok = false;
  bool cancelled = false;
  Argv failed;         // the step that failed
  std::string why;     // "exit status 1", or why it could not be started
  std::string output;  // of all steps, as it came
  base::Duration took{};
};

// How many processes may run at once: the processor's cores that this process may use.
unsigned cores();

// One outcome a job, in the order of the jobs. `done` is called as each ends, from several threads, one call
// at a time. `cancel`: when this descriptor becomes readable everything is killed and what has not begun is
// not begun; -1: never.
std::vector<Outcome> run_jobs(const std::vector<Job>& jobs, unsigned parallel, system::Processes& processes,
                              const base::Clock& clock, int cancel,
                              const std::function<void(const Outcome&)>& done);

}  // namespace msctl::toolchain
