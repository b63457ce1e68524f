#include "gateway/server/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "gateway/server/exchange.h"

namespace msctl::gateway::server {
namespace {

// An idle connection is kept this long; when there are many to the same replica, as after a rush, only a
// short time. Servers close idle ones after 5 to 75 s by themselves, which is noticed.
constexpr base::Duration idle_limit = std::chrono::seconds{60};
constexpr base::Duration surplus_limit = std::chrono::seconds{5};
constexpr std::uint32_t surplus_above = 32;

}  // namespace

Connection::Connection(Worker& worker, upstream::Target& target, int descriptor)
    : stream(descriptor), worker_(worker), target_(target) {
  before_others_ = true;
  target_.enter();
  worker_.counters().upstream_opened.add();
}

Connection::~Connection() {
  worker_.counters().upstream_closed.add();
  idle_timer_.cancel();
  if (idle()) target_.idle.remove(*this);
  target_.leave();
}

Connection* Connection::open(Worker& worker, upstream::Target& target, Exchange& user) {
  const upstream::Endpoint& endpoint = *target.endpoint;
  int fd = socket(endpoint.socket_address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return nullptr;
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  int status =
      connect(fd, reinterpret_cast<const sockaddr*>(&endpoint.socket_address), endpoint.socket_length);
  int error = errno;
  auto connection = std::unique_ptr<Connection>(new Connection(worker, target, fd));
  if (status != 0 && error != EINPROGRESS) {
    connection.reset();
    errno = error;
    return nullptr;
  }
  if (!worker.reactor.add(fd, *connection, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)) {
    error = errno;
    connection.reset();
    errno = error;
    return nullptr;
  }
  connection->user_ = &user;
  connection->connected_ = status == 0;
  return connection.release();
}

Connection* Connection::reuse(Worker& worker, upstream::Target& target, Exchange& user,
                              base::Duration fresher_than) {
  auto* connection = static_cast<Connection*>(target.idle.take(worker.reactor.now(), fresher_than));
  if (connection == nullptr) return nullptr;
  connection->user_ = &user;
  connection->reused_ = true;
  return connection;
}

bool Connection::still_open() {
  char byte;
  return recv(stream.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

void Connection::on_events(std::uint32_t events) {
  stream.note(events);
  if (user_ == nullptr) {
    // Idle: nothing may come. Data would be the answer to no request, an end is the usual close.
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) close();
    return;
  }
  if (!connected_) return finish_connecting();
  user_->upstream_ready();
}

void Connection::finish_connecting() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(stream.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return user_->connect_failed();
  connected_ = true;
  user_->upstream_ready();
}

void Connection::give_back() {
  user_ = nullptr;
  if (target_.removed() || stream.readable() || stream.reset()) return close();
  stream.in.release();
  target_.idle.put(*this, worker_.reactor.now());
  worker_.reactor.timers().set(idle_timer_, worker_.reactor.now(), surplus_limit);
}

void Connection::close() {
  if (closed_) return;
  closed_ = true;
  user_ = nullptr;
  if (idle()) target_.idle.remove(*this);
  stream.close();
  worker_.reactor.retire(this);
}

void Connection::idle_too_long(void* self) {
  auto& connection = *static_cast<Connection*>(self);
  if (!connection.idle()) return;
  base::Duration idle_for = connection.worker_.reactor.now() - connection.idle_since();
  base::Duration limit = connection.target_.idle.size() > surplus_above ? surplus_limit : idle_limit;
  if (idle_for >= limit) return connection.close();
  connection.worker_.reactor.timers().set(connection.idle_timer_, connection.worker_.reactor.now(),
                                          limit - idle_for);
}

}  // namespace msctl::gateway::server
