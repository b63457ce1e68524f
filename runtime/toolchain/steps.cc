#include "runtime/toolchain/steps.h"

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace msctl::toolchain {
namespace {

bool is_readable(int descriptor) {
  pollfd watched{descriptor, POLLIN, 0};
  return descriptor >= 0 && ::poll(&watched, 1, 0) > 0;
}

// False: the steps after this one are not run.
bool run_step(const Argv& step, const Job& job, system::Processes& processes, int cancel, Outcome& outcome) {
  system::Command command;
  command.argv = step;
  command.folder = job.folder;
  command.environment = job.environment;
  command.cancel = cancel;
  auto finished = processes.run(command);
  if (finished && finished->ok()) {
    outcome.output += finished->output;
    return true;
  }
  outcome.failed = step;
  if (!finished) {
    outcome.why = finished.error().message;
    return false;
  }
  outcome.output += finished->output;
  outcome.cancelled = finished->cancelled;
  outcome.why = finished->status > 128 ? fmt::format("ended by signal {}", finished->status - 128)
                                       : fmt::format("exit status {}", finished->status);
  return false;
}

Outcome run_job(const Job& job, system::Processes& processes, const base::Clock& clock, int cancel) {
  Outcome out;
  out.service = job.service;
  const base::Instant begin = clock.now();
  out.cancelled = is_readable(cancel);
  out.ok = !out.cancelled;
  for (std::size_t i = 0; out.ok && i < job.steps.size(); ++i)
    out.ok = run_step(job.steps[i], job, processes, cancel, out);
  out.took = clock.now() - begin;
  return out;
}

}  // namespace

unsigned cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
}

std::vector<Outcome> run_jobs(const std::vector<Job>& jobs, unsigned parallel, system::Processes& processes,
                              const base::Clock& clock, int cancel,
                              const std::function<void(const Outcome&)>& done) {
  std::vector<Outcome> out(jobs.size());
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  auto work = [&] {
    for (std::size_t at = next++; at < jobs.size(); at = next++) {
      out[at] = run_job(jobs[at], processes, clock, cancel);
      const std::lock_guard lock(mutex);
      done(out[at]);
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < std::min<std::size_t>(parallel, jobs.size()); ++i) threads.emplace_back(work);
  work();
  threads.clear();  // joins
  return out;
}

}  // namespace msctl::toolchain
