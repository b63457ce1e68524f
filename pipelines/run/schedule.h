// Runs jobs, each as soon as those before it have ended well, as many side by side as asked.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipelines/model/types.h"
#include "runtime/base/clock.h"

namespace msctl::pipeline {

enum class Verdict {
  passed,
  failed,
  skipped,   // one before it did not pass
  kept,      // passed in the run before, and nothing that it depends on has changed
  cancelled  // interrupted, or not begun for that
};
std::string_view verdict_name(Verdict verdict);

struct Ended {
  const Job* job = nullptr;
  Verdict verdict = Verdict::cancelled;
  base::Instant begin{}, end{};  // equal where it did not run
  std::string failed;            // the task that failed
  std::string output;            // of all tasks
};

// What a job has come to, when it does: called from several threads, one call at a time.
struct Watcher {
  std::function<void(const Job&)> begun = [](const Job&) {};
  std::function<void(const Ended&)> ended = [](const Ended&) {};
};

// `run` is called from several threads, `parallel` at most; a verdict of cancelled keeps what has not begun
// from beginning. A job of `after` that is not among `jobs` counts as passed. In the order of `jobs`.
std::vector<Ended> schedule(const std::vector<const Job*>& jobs, unsigned parallel, const base::Clock& clock,
                            const std::function<Ended(const Job&)>& run, const Watcher& watcher);

// The chain of jobs that took the time: the one that ended last, the one that it waited for last, and so on;
// the first of the chain first. Jobs that did not run are not in it.
std::vector<const Ended*> critical_path(const std::vector<Ended>& ended);

}  // namespace msctl::pipeline
