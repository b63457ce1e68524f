#include "runtime/local/control/server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace msctl::local {

struct ControlServer::Connection final : Answer {
  ControlServer* server = nullptr;  // null: the connection is closed
  std::weak_ptr<Connection> self;
  base::Fd socket;
  std::string in, out;
  bool asked = false;

  void send(int status, std::string json) override {
    auto me = self.lock();
    if (server == nullptr || !out.empty() || !me) return;
    out = response(status, json);
    server->write(me);
  }
  bool gone() const override { return server == nullptr; }
};

base::Result<std::unique_ptr<ControlServer>> ControlServer::listen(Loop& loop, const std::string& path,
                                                                   Handler handler) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
  base::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  ::unlink(path.c_str());  // the lock of the run says that whoever made it is no more
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), 1024) != 0)
    return base::fail(base::Code::cannotWrite,
                      fmt::format("cannot listen at {}: {}", path, std::strerror(errno)));
  ::chmod(path.c_str(), 0600);
  return std::unique_ptr<ControlServer>(new ControlServer(loop, std::move(socket), path, std::move(handler)));
}

ControlServer::ControlServer(Loop& loop, base::Fd socket, std::string path, Handler handler)
    : loop_(loop), socket_(std::move(socket)), path_(std::move(path)), handler_(std::move(handler)) {
  loop_.watch(socket_.get(), EPOLLIN, [this](std::uint32_t) { accept_all(); });
}

ControlServer::~ControlServer() {
  loop_.forget(socket_.get());
  ::unlink(path_.c_str());
  while (!connections_.empty()) close(*connections_.begin());
}

void ControlServer::accept_all() {
  for (;;) {
    int fd = ::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    auto connection = std::make_shared<Connection>();
    connection->server = this;
    connection->self = connection;
    connection->socket.reset(fd);
    connections_.insert(connection);
    loop_.watch(fd, EPOLLIN, [this, connection](std::uint32_t events) {
      if ((events & EPOLLOUT) != 0) return write(connection);
      read(connection);
    });
  }
}

void ControlServer::read(const std::shared_ptr<Connection>& connection) {
  char buffer[4096];
  ssize_t n = ::recv(connection->socket.get(), buffer, sizeof buffer, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return close(connection);
  if (connection->asked) return;  // one request a connection
  connection->in.append(buffer, static_cast<std::size_t>(n));
  ControlRequest request;
  switch (parse_request(connection->in, request)) {
    case Parsed::incomplete:
      return;
    case Parsed::malformed:
      return connection->send(400, "{}");
    case Parsed::complete:
      break;
  }
  connection->asked = true;
  connection->in.clear();
  handler_(request, connection);
}

void ControlServer::write(const std::shared_ptr<Connection>& connection) {
  while (!connection->out.empty()) {
    ssize_t n =
        ::send(connection->socket.get(), connection->out.data(), connection->out.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) return loop_.change(connection->socket.get(), EPOLLOUT);
    if (n < 0) break;
    connection->out.erase(0, static_cast<std::size_t>(n));
  }
  close(connection);
}

void ControlServer::close(const std::shared_ptr<Connection>& connection) {
  std::shared_ptr<Connection> keep = connection;
  loop_.forget(keep->socket.get());
  keep->socket.reset();
  keep->server = nullptr;
  connections_.erase(keep);
}

}  // namespace msctl::local
