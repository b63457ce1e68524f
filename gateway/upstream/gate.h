// Whether requests may go to an upstream's replicas now. While it is closed they wait in the gateway: while
// all replicas are being replaced, or the first is being woken. Shared by all threads.
#pragma once

#include <atomic>

#include "runtime/base/clock.h"

namespace msctl::gateway::upstream {

class Gate {
public:
  // `patience`: how long a request waits for it.
  void close(base::Duration patience) {
    patience_.store(patience.count(), std::memory_order_relaxed);
    closed_.store(true, std::memory_order_release);
  }
  void open() { closed_.store(false, std::memory_order_release); }
  bool is_open() const { return !closed_.load(std::memory_order_acquire); }

  base::Duration patience() const { return base::Duration(patience_.load(std::memory_order_relaxed)); }

private:
  std::atomic<base::Duration::rep> patience_{0};
  std::atomic<bool> closed_{false};
};

}  // namespace msctl::gateway::upstream
