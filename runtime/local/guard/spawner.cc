#include "runtime/local/guard/spawner.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace msctl::local::guard {

Spawner::Spawner(Plan plan, unsigned threads)
    : plan_(std::move(plan)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Spawner::~Spawner() {
  {
    std::lock_guard lock(mutex_);
    over_ = true;
  }
  more_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Spawner::spawn(SpawnJob job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  more_.notify_one();
}

std::vector<SpawnResult> Spawner::take_results() {
  std::uint64_t count = 0;
  [[maybe_unused]] ssize_t n = ::read(wake_.get(), &count, sizeof count);
  std::lock_guard lock(mutex_);
  return std::exchange(results_, {});
}

void Spawner::work() {
  for (;;) {
    SpawnJob job;
    {
      std::unique_lock lock(mutex_);
      more_.wait(lock, [this] { return over_ || !jobs_.empty(); });
      if (over_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    system::Spawn spawn = plan_(job.request);
    spawn.output = job.output.get();
    spawn.error = job.error.get();
    spawn.new_session = true;
    auto pid = system::spawn(spawn);
    {
      std::lock_guard lock(mutex_);
      results_.push_back({std::move(job.request), pid});
    }
    std::uint64_t one = 1;
    [[maybe_unused]] ssize_t n = ::write(wake_.get(), &one, sizeof one);
  }
}

}  // namespace msctl::local::guard
