// Whether requests may go to an upstream's replicas now. While it is closed they wait in the gateway: while
// all replicas are being replaced, or the first is being woken. Shared by all threads.
#pragma once

#include <atomic>

namespace msctl::gateway::upstream {

class Gate {
public:
  void close() { closed_.store(true, std::memory_order_release); }
  void open() { closed_.store(false, std::memory_order_release); }
  bool is_open() const { return !closed_.load(std::memory_order_acquire); }

private:
  std::atomic<bool> closed_{false};
};

}  // namespace msctl::gateway::upstream
