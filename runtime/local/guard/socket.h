// Messages with descriptors over the socket pair, as many in a packet as there are: starting or ending fifty
// processes costs a few packets, not fifty.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/local/guard/protocol.h"

namespace msctl::local::guard {

struct Parcel {
  Message message;
  std::vector<base::Fd> descriptors;  // at most 4
};

// What is to be sent. Nothing is sent before send().
class Outbox {
public:
  void add(const Message& message, std::vector<base::Fd> descriptors = {});

  bool empty() const { return packets_.empty(); }

  // False where the socket did not take all: errno is EAGAIN where it will later, else the peer is gone.
  bool send(int socket);

private:
  struct Packet {
    std::string bytes;
    std::vector<base::Fd> descriptors;
  };
  std::deque<Packet> packets_;
};

// Waits for one packet (unless the socket does not block, or `wait` is off: then errno is EAGAIN where
// nothing has come); nothing when the peer is gone.
std::optional<std::vector<Parcel>> receive(int socket, bool wait = true);

}  // namespace msctl::local::guard
