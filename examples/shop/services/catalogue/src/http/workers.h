// Threads for connections, as many as there are connections, up to a bound.
//
// A connection keeps its thread while it is idle between two requests. With a fixed, small pool a handful of
// idle connections from a gateway would starve all others; so a thread is made when none is free, and ends
// when it has had nothing to do for a while. Near the bound `crowded` says that connections should be closed
// rather than kept.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace app::http {

class Workers {
 public:
  explicit Workers(std::size_t most) : most_(most) {}
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void enqueue(std::function<void()> job);

  // Returns when every job is done and every thread has ended.
  void shut_down();

  bool crowded() const;

 private:
  void work();

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;
  bool ending_ = false;
};

}  // namespace app::http
