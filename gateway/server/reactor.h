// One thread's event loop: an epoll, a timer wheel, a pool of buffers, and a queue of tasks from other
// threads. Whatever is registered here stays here for life, so nothing on the way of a request needs a lock.
//
// Sources are registered once, edge-triggered, for reading and writing: the steady state has no epoll_ctl. A
// source therefore goes on until the socket says EAGAIN (or a read comes back short), or asks by again() to
// be called in the next round, so that one busy connection does not keep the others waiting.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "gateway/server/buffer.h"
#include "gateway/server/timer_wheel.h"

namespace msctl::gateway::server {

class Reactor;

class Source {
public:
  virtual ~Source() = default;
  // EPOLLIN, EPOLLOUT, … as epoll reports them; 0 when called because of again().
  virtual void on_events(std::uint32_t events) = 0;

protected:
  // What lies in a pooled connection must be seen before a client's request is given to it: the events of
  // such sources are dealt with first in a round.
  bool before_others_ = false;

private:
  friend class Reactor;
  bool queued_ = false;   // in the list of again()
  bool retired_ = false;  // no more calls; deleted at the end of the round
};

class Reactor {
public:
  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  void run();                             // until stop()
  void stop();                            // from any thread
  void post(std::function<void()> task);  // from any thread; runs in the loop, in order

  // The rest from the loop's own thread only.
  bool add(int fd, Source& source, std::uint32_t events);  // false: out of resources
  void change(int fd, Source& source, std::uint32_t events);
  void remove(int fd);  // only when the descriptor itself stays open
  void again(Source& source);
  void bury();                  // deletes what was retired; the loop does it after each round
  void retire(Source* source);  // takes ownership; events of this round for it are dropped

  base::Instant now() const { return now_; }  // of this round
  base::Instant refresh();                    // the exact time, also for now()
  TimerWheel& timers() { return timers_; }
  BufferPool& buffers() { return buffers_; }
  void at_end_of_round(std::function<void()> hook) { hook_ = std::move(hook); }

private:
  class Wake;
  int wait_milliseconds() const;
  bool dispatch(std::span<const epoll_event> events, bool before_others);
  void run_tasks();
  void run_again();

  int epoll_ = -1;
  int wake_ = -1;
  base::Instant now_;
  TimerWheel timers_;
  BufferPool buffers_;
  std::vector<Source*> again_, again_now_, retired_;
  std::function<void()> hook_;
  bool stopped_ = false;

  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;
};

}  // namespace msctl::gateway::server
