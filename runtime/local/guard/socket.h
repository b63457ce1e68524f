// Messages with descriptors over the socket pair.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/local/guard/protocol.h"

namespace msctl::local::guard {

struct Received {
  Message message;
  std::vector<base::Fd> descriptors;
};

// False when the peer is gone.
bool send(int socket, const Message& message, std::span<const int> descriptors);

// Waits for one message (unless the socket does not block: then errno is EAGAIN); nothing when the peer is
// gone.
std::optional<Received> receive(int socket, bool wait = true);  // off: errno is EAGAIN where nothing has come

}  // namespace msctl::local::guard
