#include "gateway/admin/listener.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace msctl::gateway::admin {
namespace {

constexpr int backlog = 64;

std::unexpected<base::Error> refused(const std::string& where, std::string_view why) {
  return base::fail(base::Code::gatewayCannotListen,
                    fmt::format("the administrative interface cannot listen on {}: {}", where, why),
                    "choose another address or socket under 'admin'");
}

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

bool somebody_listens(const std::string& path) {
  sockaddr_un address = unix_address(path);
  base::Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return !probe || ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

int port_of(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

}  // namespace

base::Result<Listener> listen_on_address(const std::string& text) {
  std::size_t colon = text.rfind(':');
  std::string shown = text.substr(0, colon), host = shown;
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (int error = ::getaddrinfo(host.c_str(), text.c_str() + colon + 1, &hints, &found); error != 0)
    return refused(text, ::gai_strerror(error));
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  Listener listener;
  listener.socket.reset(::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  int on = 1;
  // Without SO_REUSEPORT: a second one must not share the port unnoticed.
  ::setsockopt(listener.socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!listener.socket || ::bind(listener.socket.get(), found->ai_addr, found->ai_addrlen) != 0 ||
      ::listen(listener.socket.get(), backlog) != 0)
    return refused(text, std::strerror(errno));
  listener.address = fmt::format("{}:{}", shown, port_of(listener.socket.get()));
  return listener;
}

base::Result<Listener> listen_on_socket(const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return refused(path, "the path is longer than a socket's may be");
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode)) return refused(path, "there is a file of that name, which is no socket");
    if (somebody_listens(path)) return refused(path, "another process listens there");
    ::unlink(path.c_str());
  }
  Listener listener{base::Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), path, path};
  sockaddr_un address = unix_address(path);
  mode_t before = ::umask(0177);
  int bound = ::bind(listener.socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  int error = errno;
  ::umask(before);
  if (bound != 0) return refused(path, std::strerror(error));
  if (::listen(listener.socket.get(), backlog) != 0) return refused(path, std::strerror(errno));
  return listener;
}

}  // namespace msctl::gateway::admin
