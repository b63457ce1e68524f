#include "http/workers.h"

#include <chrono>
#include <system_error>
#include <thread>

namespace app::http {

void Workers::enqueue(std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  jobs_.push_back(std::move(job));
  if (jobs_.size() > idle_ && threads_ < most_) {
    try {
      std::thread([this] { work(); }).detach();  // shut_down waits for it by the count
      ++threads_;
    } catch (const std::system_error&) {
      // No more threads to be had: those that there are take the job.
    }
  }
  changed_.notify_all();
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    const bool woken =
        changed_.wait_for(lock, std::chrono::seconds(10), [this] { return !jobs_.empty() || ending_; });
    --idle_;
    if (jobs_.empty()) {
      if (woken || threads_ > 1) break;
      continue;
    }
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
  --threads_;
  // Under the lock: the waiter cannot see the count and destroy this before the call is over.
  changed_.notify_all();
}

void Workers::shut_down() {
  std::unique_lock lock(mutex_);
  ending_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return threads_ == 0; });
}

bool Workers::crowded() const {
  const std::lock_guard lock(mutex_);
  return threads_ - idle_ > most_ / 4 * 3 || !jobs_.empty();
}

}  // namespace app::http
