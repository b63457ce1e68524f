// A connection is a pair of sockets with two directions. Bytes go through one scratch buffer of the thread;
// what the other side does not take at once is kept, and the source is not read until it is gone
// (back-pressure, at most one buffer a direction). An end of stream is passed on by shutdown(2), so that
// half-closed connections work.
//
// "Refused while nobody is ready": the listener is bound once, so that its port stays the caller's, but
// listens only while there are replicas. shutdown(2) takes a listening socket back to the bound state, and
// listen(2) opens it again (Linux).
#include "runtime/local/needs/forwarder.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "runtime/local/loop/ports.h"

namespace msctl::local {
namespace {

constexpr std::size_t kBuffer = 64 * 1024;
constexpr auto kConnectTimeout = std::chrono::seconds{2};

bool again() {
  return errno == EAGAIN || errno == EINTR;
}

void no_delay(int socket) {
  int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// One way through a pair.
struct Direction {
  int from = -1, to = -1;
  std::string kept;     // read, not yet written
  bool ended = false;   // `from` has ended
  bool closed = false;  // and `to` has been told

  // False when the connection is broken.
  bool move(std::vector<char>& scratch) {
    for (;;) {
      if (!kept.empty()) {
        ssize_t n = ::send(to, kept.data(), kept.size(), MSG_NOSIGNAL);
        if (n < 0) return again();
        kept.erase(0, static_cast<std::size_t>(n));
        if (!kept.empty()) return true;
      }
      if (ended) {
        if (!closed) ::shutdown(to, SHUT_WR);
        closed = true;
        return true;
      }
      ssize_t n = ::recv(from, scratch.data(), scratch.size(), 0);
      if (n < 0) return again();
      if (n == 0) {
        ended = true;
        continue;
      }
      auto size = static_cast<std::size_t>(n);
      ssize_t sent = ::send(to, scratch.data(), size, MSG_NOSIGNAL);
      if (sent < 0 && !again()) return false;
      auto done = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
      if (done < size) kept.assign(scratch.data() + done, size - done);
      if (size < scratch.size() && kept.empty()) return true;  // likely all there was
    }
  }
};

}  // namespace

struct Forwarder::Listener {
  base::Fd socket;
  bool listening = false;
};

struct Forwarder::Need {
  std::vector<std::unique_ptr<Listener>> listeners;
  std::vector<int> ports;
  std::size_t next = 0;
};

struct Forwarder::Pair {
  base::Fd client, server;
  std::array<Direction, 2> ways;
  std::vector<int> candidates;  // ports still to be tried, the last first
  Loop::Timer deadline;
  bool established = false;
};

Forwarder::Forwarder() : scratch_(kBuffer), thread_([this] { loop_.run(); }) {}

Forwarder::~Forwarder() {
  loop_.stop();
  thread_.join();
}

base::Result<int> Forwarder::add(const std::string& need) {
  auto listener = std::make_unique<Listener>();
  auto bound = bind_loopback();
  if (!bound) return std::unexpected(bound.error());
  listener->socket = std::move(bound->socket);
  loop_.post([this, need, entry = std::make_shared<std::unique_ptr<Listener>>(std::move(listener))] {
    auto& place = needs_[need];
    if (!place) place = std::make_unique<Need>();
    Need& owner = *place;
    owner.listeners.push_back(std::move(*entry));
    open_or_close(owner, *owner.listeners.back());
  });
  return bound->port;
}

void Forwarder::set_ports(const std::string& need, std::vector<int> ports) {
  loop_.post([this, need, ports = std::move(ports)] {
    auto& place = needs_[need];
    if (!place) place = std::make_unique<Need>();
    place->ports = ports;
    for (const auto& listener : place->listeners) open_or_close(*place, *listener);
  });
}

// A socket that does not listen reports a hang-up for ever, so that it is watched only while it does.
void Forwarder::open_or_close(Need& need, Listener& listener) {
  bool wanted = !need.ports.empty();
  if (wanted == listener.listening) return;
  if (wanted) {
    listener.listening = ::listen(listener.socket.get(), 512) == 0;
    loop_.watch(listener.socket.get(), EPOLLIN,
                [this, &need, &listener](std::uint32_t) { accept_all(need, listener); });
  } else {
    loop_.forget(listener.socket.get());
    ::shutdown(listener.socket.get(), SHUT_RD);
    listener.listening = false;
  }
}

void Forwarder::accept_all(Need& need, Listener& listener) {
  for (int i = 0; i < 64; ++i) {
    int socket = ::accept4(listener.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    auto pair = std::make_shared<Pair>();
    pair->client.reset(socket);
    no_delay(socket);
    // Each replica in turn; the others follow as second choices.
    pair->candidates = need.ports;
    if (pair->candidates.empty()) {
      close(pair, true);
      continue;
    }
    auto first = static_cast<std::ptrdiff_t>(need.next++ % pair->candidates.size());
    std::ranges::rotate(pair->candidates, pair->candidates.begin() + first);
    std::ranges::reverse(pair->candidates);
    connect_next(pair);
  }
}

void Forwarder::connect_next(const std::shared_ptr<Pair>& pair) {
  if (pair->server) loop_.forget(pair->server.get());
  loop_.cancel(pair->deadline);
  if (pair->candidates.empty()) return close(pair, true);
  int port = pair->candidates.back();
  pair->candidates.pop_back();
  pair->server.reset(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  no_delay(pair->server.get());
  sockaddr_in address = loopback(port);
  if (::connect(pair->server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return connected(pair);
  if (errno != EINPROGRESS) return connect_next(pair);
  pair->deadline = loop_.after(kConnectTimeout, [this, pair] { connect_next(pair); });
  loop_.watch(pair->server.get(), EPOLLOUT, [this, pair](std::uint32_t) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(pair->server.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return connect_next(pair);
    connected(pair);
  });
}

void Forwarder::connected(const std::shared_ptr<Pair>& pair) {
  loop_.cancel(pair->deadline);
  loop_.forget(pair->server.get());
  pair->established = true;
  pair->ways[0] = {pair->client.get(), pair->server.get(), {}, false, false};
  pair->ways[1] = {pair->server.get(), pair->client.get(), {}, false, false};
  for (int fd : {pair->client.get(), pair->server.get()})
    loop_.watch(fd, EPOLLIN, [this, pair](std::uint32_t) { move(pair); });
  move(pair);
}

void Forwarder::move(const std::shared_ptr<Pair>& pair) {
  auto& [up, down] = pair->ways;
  if (!up.move(scratch_) || !down.move(scratch_)) return close(pair, true);
  if (up.closed && down.closed) return close(pair, false);
  auto interest = [](const Direction& out, const Direction& in) {
    std::uint32_t events = 0;
    if (!out.ended && out.kept.empty()) events |= EPOLLIN;
    if (!in.kept.empty()) events |= EPOLLOUT;
    return events;
  };
  loop_.change(pair->client.get(), interest(up, down));
  loop_.change(pair->server.get(), interest(down, up));
}

void Forwarder::close(const std::shared_ptr<Pair>& pair, bool reset) {
  for (base::Fd* socket : {&pair->client, &pair->server}) {
    if (!*socket) continue;
    loop_.forget(socket->get());
    linger how{1, 0};
    if (reset) ::setsockopt(socket->get(), SOL_SOCKET, SO_LINGER, &how, sizeof how);
    socket->reset();
  }
}

}  // namespace msctl::local
