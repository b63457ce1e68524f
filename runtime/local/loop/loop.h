// One thread's event loop: descriptors by epoll, deadlines, and work handed over from other threads. What
// runs in a handler may watch, forget, and set or cancel deadlines freely, also its own.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/fd.h"

namespace msctl::local {

class Loop {
public:
  using Handler = std::function<void(std::uint32_t events)>;
  using Task = std::function<void()>;
  using Timer = std::pair<base::Instant, std::uint64_t>;

  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // `events`: EPOLLIN, EPOLLOUT, … level-triggered. The descriptor stays the caller's, who must forget it
  // before closing it.
  void watch(int fd, std::uint32_t events, Handler handler);
  void change(int fd, std::uint32_t events);
  void forget(int fd);
  // Of a descriptor that is closed next and whose open file nobody else has: the kernel forgets it by itself.
  void forget_closing(int fd) { watches_.erase(fd); }

  Timer at(base::Instant when, Task task);
  Timer after(base::Duration delay, Task task);
  void cancel(const Timer& timer) { timers_.erase(timer); }

  // Runs the task in the loop's thread, soon. The only member that other threads may call, besides stop().
  void post(Task task);

  // Runs until stop(). `after_each` runs once after each batch of events: the place to flush what they wrote.
  void run(const Task& after_each = {});
  void stop();

private:
  struct Watch {
    Handler handler;
    std::uint32_t generation;
  };

  void wait_and_dispatch();
  void run_timers();
  void run_posted();

  base::Fd epoll_;
  base::Fd wake_;
  std::unordered_map<int, std::shared_ptr<Watch>> watches_;
  std::uint32_t generation_ = 0;
  std::map<Timer, Task> timers_;
  std::uint64_t next_timer_ = 0;
  bool stopped_ = false;
  std::mutex mutex_;  // guards posted_
  std::vector<Task> posted_;
};

}  // namespace msctl::local
