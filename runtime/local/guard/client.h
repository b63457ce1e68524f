// msctl's side of the guard, in the run's loop. Nothing here waits: what the socket does not take yet is
// queued. Starts are sent at once, the rest by flush(): fifty signals are one packet.
#pragma once

#include <cstdint>
#include <functional>

#include "runtime/local/guard/guard.h"
#include "runtime/local/guard/protocol.h"
#include "runtime/local/guard/socket.h"
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

  void flush();

  pid_t pid() const { return guard_.pid; }

private:
  void send(const Message& message, std::vector<base::Fd> descriptors = {});
  void receive_all();
  void take(const Message& message);

  Loop& loop_;
  Started guard_;
  Events events_;
  Outbox outbox_;
  bool watches_for_room_ = false;
};

}  // namespace msctl::local::guard
