// Text on its way to a descriptor that may be slow (a terminal, a pipe): written by a thread of its own, so
// that the run's loop never waits for it. When more than a bound is waiting, `full` tells, and the run stops
// reading its services' output until `drained` is called: a slow reader gets everything. A reader that takes
// nothing at all for a second must not hold up the services: from then on lines are dropped, and once it
// reads again it is told how many.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace msctl::local {

class Outlet {
public:
  static constexpr std::size_t kFull = 1u << 20;
  static constexpr std::size_t kSome = 1u << 14;

  // `drained`, `broken` (the reader is gone): called in the outlet's thread. `notice`: the line that tells of
  // dropped ones.
  Outlet(int fd, std::function<void()> drained, std::function<void()> broken,
         std::function<std::string(std::size_t)> notice);
  ~Outlet();  // writes what is waiting, unless the reader is gone or does not read for a second
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;

  // Its thread takes it up at the next flush(), or once there is some.
  void write(std::string_view text);
  void flush();
  // Comes back when all has been written, or nobody reads.
  void drain();
  bool full();
  // When this has come back, neither `drained` nor `broken` is called any more: what they need may go.
  void let_go();

private:
  void work();
  void call(const std::function<void()>& what);
  bool write_all(std::string_view text);

  int fd_;
  std::mutex calls_;  // held during a call of these two
  std::function<void()> drained_, broken_;
  std::function<std::string(std::size_t)> notice_;
  std::mutex mutex_;
  std::condition_variable changed_, idle_;
  std::string waiting_;
  bool was_full_ = false;
  bool writing_ = false;
  bool stalled_ = false;
  std::size_t dropped_ = 0;  // writes, while stalled
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace msctl::local
