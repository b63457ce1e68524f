// The access log: reactors put finished lines into rings, one for each thread; one writer empties them. A
// reactor never waits: when the writer is behind (a slow disk, a full pipe) lines are dropped and counted.
//
// The writer sleeps until a reactor wakes it, then looks every 20 ms for as long as lines come: under load
// there are 50 wake-ups a second, whatever the rate; when nothing happens there are none. What it finds it
// sorts by the lines' beginnings, which are their times: lines of different threads that lie further apart
// than that may still come out of order.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/telemetry/counters.h"

namespace msctl::gateway::telemetry {

// Bytes from one thread to another. Whole lines only: a line that does not fit is refused.
class LogRing {
public:
  explicit LogRing(std::size_t capacity = 256 * 1024);  // a power of two
  bool put(std::string_view line);                      // the producer's
  bool take_all(std::string& to);                       // the consumer's; appends; false: nothing was there

private:
  std::size_t capacity_;
  std::unique_ptr<char[]> bytes_;
  alignas(64) std::atomic<std::size_t> head_{0};  // written by the producer
  alignas(64) std::atomic<std::size_t> tail_{0};  // written by the consumer
};

class AccessLog {
public:
  using Sink = std::function<void(std::string_view lines)>;
  AccessLog(std::size_t threads, Sink sink);
  ~AccessLog();  // writes what is left
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  LogRing& ring(std::size_t thread) { return *rings_[thread]; }
  // At the end of a reactor's round in which it has put lines.
  void wake();

private:
  void write_loop();
  bool write_out();
  void put_in_order();

  std::string lines_, ordered_;
  std::vector<std::string_view> sorted_;

  std::vector<std::unique_ptr<LogRing>> rings_;
  Sink sink_;
  std::atomic<std::uint32_t> asleep_{0};  // 1: the writer waits, and wants to be woken
  std::atomic<bool> ended_{false};
  std::thread writer_;
};

}  // namespace msctl::gateway::telemetry
