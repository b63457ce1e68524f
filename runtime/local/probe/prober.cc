#include "runtime/local/probe/prober.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace msctl::local {

struct Prober::Check {
  base::Fd socket;
  int port = 0;
  std::string path;
  std::string answer;
  bool connected = false;
  Loop::Timer deadline;
  Done done;
};

// RFC 9112 section 4: "HTTP/1.1 200 OK".
int status_of(std::string_view head) {
  if (!head.starts_with("HTTP/1.") || head.size() < 12 || head[8] != ' ') return 0;
  int status = 0;
  auto [end, error] = std::from_chars(head.data() + 9, head.data() + 12, status);
  return error == std::errc{} && end == head.data() + 12 ? status : 0;
}

Prober::~Prober() {
  for (const auto& check : running_) {
    loop_.forget(check->socket.get());
    loop_.cancel(check->deadline);
  }
}

void Prober::probe(int port, const std::string& path, base::Duration timeout, Done done) {
  auto check = std::make_shared<Check>();
  check->port = port;
  check->path = path;
  check->done = std::move(done);
  check->socket.reset(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  int result = ::connect(check->socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (result != 0 && errno != EINPROGRESS)
    return check->done({false, fmt::format("port {}: {}", port, std::strerror(errno))});
  if (result == 0 && path.empty()) return check->done({true, {}});
  running_.insert(check);
  check->deadline = loop_.after(timeout, [this, check, timeout] {
    finish(
        check, false,
        fmt::format(
            "{} does not answer within {}", check->path.empty() ? "connect" : "GET " + check->path,
            base::Duration(timeout) < std::chrono::seconds(1)
                ? fmt::format("{} ms", std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count())
                : fmt::format("{} s", std::chrono::duration_cast<std::chrono::seconds>(timeout).count())));
  });
  loop_.watch(check->socket.get(), EPOLLOUT, [this, check](std::uint32_t events) { advance(check, events); });
}

void Prober::advance(const std::shared_ptr<Check>& check, std::uint32_t) {
  if (!check->connected) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(check->socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
      return finish(check, false, fmt::format("port {}: {}", check->port, std::strerror(error)));
    if (check->path.empty()) return finish(check, true, {});
    check->connected = true;
    std::string request = fmt::format(
        "GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUser-Agent: msctl-probe\r\nAccept: */*\r\nConnection: "
        "close\r\n\r\n",
        check->path, check->port);
    // A request of this size fits the buffer of a fresh socket.
    if (::send(check->socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
      return finish(check, false, fmt::format("GET {}: {}", check->path, std::strerror(errno)));
    return loop_.change(check->socket.get(), EPOLLIN);
  }
  char buffer[512];
  ssize_t n = ::recv(check->socket.get(), buffer, sizeof buffer, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) return finish(check, false, fmt::format("GET {}: {}", check->path, std::strerror(errno)));
  check->answer.append(buffer, static_cast<std::size_t>(n));
  if (check->answer.size() < 12 && n > 0) return;
  int status = status_of(check->answer);
  if (status == 0) return finish(check, false, fmt::format("GET {}: the answer is not HTTP", check->path));
  finish(check, status >= 200 && status < 400, fmt::format("GET {} answers {}", check->path, status));
}

void Prober::finish(const std::shared_ptr<Check>& check, bool ok, std::string what) {
  std::shared_ptr<Check> keep = check;
  loop_.forget(keep->socket.get());
  loop_.cancel(keep->deadline);
  running_.erase(keep);
  keep->socket.reset();
  keep->done({ok, std::move(what)});
}

}  // namespace msctl::local
