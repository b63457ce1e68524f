// The replicas behind a route. One Endpoint is shared by all threads and lives as long as anything counts on
// it; its atomics are the only thing that reactors share on the way of a request.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/config/types.h"
#include "runtime/base/error.h"

namespace msctl::gateway::upstream {

struct Endpoint {
  std::string address;  // as stated: "127.0.0.1:9001"
  std::string replica;  // its id
  sockaddr_storage socket_address{};
  socklen_t socket_length = 0;

  // Requests on their way to it, over all threads: what least-request balancing compares.
  alignas(64) std::atomic<std::uint32_t> in_flight{0};
  // After a failed connect it is passed over until then (ticks of the steady clock), unless there is no
  // other.
  std::atomic<std::int64_t> avoided_until{0};
  // When it was chosen last by turns, over all threads; 0: never.
  std::atomic<std::uint64_t> turn{0};
};

using Endpoints = std::vector<std::shared_ptr<Endpoint>>;

// Resolves the address: numeric at once, a name through the system's resolver (which may wait: never from a
// reactor). Errors: wrongValue.
base::Result<std::shared_ptr<Endpoint>> make_endpoint(const config::Endpoint& from);

// The same list with what it already has kept by identity (address and replica), so that counts and pools go
// on.
base::Result<Endpoints> merge(const Endpoints& present, const std::vector<config::Endpoint>& wanted);

}  // namespace msctl::gateway::upstream
