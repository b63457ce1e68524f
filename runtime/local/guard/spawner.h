// Starts processes on a few threads. A start suspends its thread until the new program is loaded, which is
// mostly waiting for the processor that loads it: a run of many services is up sooner when more than one
// loads at a time.
#pragma once

#include <condition_variable>
#include <deque>
#include <expected>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/local/guard/protocol.h"
#include "runtime/system/spawn.h"

namespace msctl::local::guard {

struct SpawnJob {
  SpawnRequest request;
  base::Fd output, error;
};

struct SpawnResult {
  SpawnRequest request;
  std::expected<pid_t, int> pid;  // or an errno
};

class Spawner {
public:
  using Plan = std::function<system::Spawn(const SpawnRequest&)>;

  // `plan` is called on the threads: all of a system::Spawn but the descriptors and the session.
  Spawner(Plan plan, unsigned threads);
  // Waits for the starts under way; those not begun are dropped.
  ~Spawner();
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  void spawn(SpawnJob job);

  // Readable when results wait.
  int descriptor() const { return wake_.get(); }
  std::vector<SpawnResult> take_results();

private:
  void work();

  Plan plan_;
  base::Fd wake_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<SpawnJob> jobs_;
  std::vector<SpawnResult> results_;
  bool over_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace msctl::local::guard
