// msctl's side of the guard, in the run's loop. Nothing here waits: what the socket does not take yet is
// queued.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>

#include "runtime/local/guard/guard.h"
#include "runtime/local/guard/protocol.h"
#include "runtime/local/loop/loop.h"

namespace msctl::local::guard {

class Client {
public:
  struct Events {
    std::function<void(std::uint64_t id, pid_t pid)> spawned;
    std::function<void(std::uint64_t id, int error)> refused;
    std::function<void(std::uint64_t id, int wait_status)> ended;
    std::function<void()> lost;  // the guard itself has ended
  };

  Client(Loop& loop, Started guard, Events events);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Takes the two ends over.
  void spawn(const SpawnRequest& request, base::Fd output, base::Fd error);
  void signal(std::uint64_t id, int number);
  void kill(std::uint64_t id);
  void shutdown();

  pid_t pid() const { return guard_.pid; }

private:
  struct Pending {
    Message message;
    std::array<base::Fd, 2> descriptors;
  };

  void send(Pending pending);
  void flush();
  void receive_all();

  Loop& loop_;
  Started guard_;
  Events events_;
  std::deque<Pending> queue_;
};

}  // namespace msctl::local::guard
