#include "gateway/server/listen.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "gateway/server/port_owner.h"

namespace msctl::gateway::server {
namespace {

constexpr int backlog = 4096;

struct Parsed {
  sockaddr_storage address{};
  socklen_t length = 0;
  std::uint16_t port = 0;
};

base::Result<Parsed> parse(const std::string& text) {
  std::size_t colon = text.rfind(':');
  std::string host = colon == std::string::npos ? "" : text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (host.empty() || getaddrinfo(host.c_str(), text.c_str() + colon + 1, &hints, &found) != 0) {
    auto error = base::fail(base::Code::wrongValue, fmt::format("'{}' is not an address to listen on", text));
    error.error().expected = "ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080";
    return error;
  }
  Parsed parsed;
  std::memcpy(&parsed.address, found->ai_addr, found->ai_addrlen);
  parsed.length = found->ai_addrlen;
  freeaddrinfo(found);
  return parsed;
}

std::uint16_t port_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

std::unexpected<base::Error> cannot_listen(const std::string& address, const sockaddr_storage& wanted,
                                           int error) {
  std::string message = fmt::format("cannot listen on {}: {}", address, std::strerror(error));
  if (error == EADDRINUSE) {
    std::string owner = port_owner(port_of(wanted));
    if (!owner.empty()) message = fmt::format("cannot listen on {}: {} has the port", address, owner);
  }
  return base::fail(base::Code::gatewayCannotListen, std::move(message),
                    "choose another address, or port 0 for any free one");
}

// A socket with the options that accepted ones inherit, bound.
int bound_socket(const Parsed& to, bool shared) {
  int fd = socket(to.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (shared) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&to.address), to.length) == 0) return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

int listening_socket(const Parsed& to, bool shared) {
  int fd = bound_socket(to, shared);
  if (fd < 0 || listen(fd, backlog) == 0) return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

}  // namespace

ListeningSockets::~ListeningSockets() {
  for (int fd : descriptors_) close(fd);
}

base::Result<ListeningSockets> ListeningSockets::open(const std::string& address, std::size_t count) {
  auto parsed = parse(address);
  if (!parsed) return std::unexpected(parsed.error());
  ListeningSockets sockets;
  int first = listening_socket(*parsed, false);
  if (first < 0) return cannot_listen(address, parsed->address, errno);
  sockets.descriptors_.push_back(first);
  // With port 0 the kernel has chosen: the others must have the same.
  parsed->length = sizeof parsed->address;
  getsockname(first, reinterpret_cast<sockaddr*>(&parsed->address), &parsed->length);
  sockets.address_ = to_string(parsed->address);
  if (count > 1) {
    int on = 1;
    setsockopt(first, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  }
  for (std::size_t i = 1; i < count; ++i) {
    int next = listening_socket(*parsed, true);
    if (next < 0) return cannot_listen(address, parsed->address, errno);
    sockets.descriptors_.push_back(next);
  }
  return sockets;
}

std::string to_string(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return fmt::format("[{}]:{}", text.data(), ntohs(v6.sin6_port));
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  return fmt::format("{}:{}", text.data(), ntohs(v4.sin_port));
}

}  // namespace msctl::gateway::server
