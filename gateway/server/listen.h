// Opening listening sockets that nobody else has.
//
// Problem: each reactor has a socket of its own on the same address (SO_REUSEPORT), and the kernel would let
// a second process of the same user join that group unnoticed, each then getting half of the connections. So
// the first socket is bound and listens exclusively, which the kernel grants to one process only; after that
// it is opened to sharing, and the other sockets join it. A second gateway fails at the exclusive step.
#pragma once

#include <sys/socket.h>

#include <string>
#include <utility>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::gateway::server {

// Owns file descriptors of one address, one for each thread.
class ListeningSockets {
public:
  ListeningSockets() = default;
  ~ListeningSockets();
  ListeningSockets(ListeningSockets&& other) noexcept { swap(other); }
  ListeningSockets& operator=(ListeningSockets&& other) noexcept {
    swap(other);
    return *this;
  }
  void swap(ListeningSockets& other) noexcept {
    address_.swap(other.address_);
    descriptors_.swap(other.descriptors_);
  }

  // `address`: "127.0.0.1:8080", "[::1]:0". Errors: gatewayCannotListen, naming the process that has the port
  // where that can be told; wrongValue for what is no address.
  static base::Result<ListeningSockets> open(const std::string& address, std::size_t count);

  const std::string& address() const { return address_; }  // with the real port
  std::vector<int> release() { return std::exchange(descriptors_, {}); }

private:
  std::string address_;
  std::vector<int> descriptors_;
};

// "127.0.0.1:8080", "[::1]:8080".
std::string to_string(const sockaddr_storage& address);

}  // namespace msctl::gateway::server
