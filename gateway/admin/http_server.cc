#include "gateway/admin/http_server.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <list>
#include <memory>
#include <vector>

#include "gateway/filters/problem/problem.h"
#include "gateway/http1/head.h"

namespace msctl::gateway::admin {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_connections = 64;
constexpr std::chrono::seconds patience{5};             // with a client that sends or reads nothing
constexpr std::chrono::milliseconds accept_pause{100};  // when the process has no descriptor left
constexpr http1::HeadLimits limits{.bytes = 16 * 1024, .target = 4 * 1024};

std::string message(const Answer& answer, bool keep_alive, bool with_body) {
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n{}{}\r\n{}",
      answer.status, filters::reason_phrase(answer.status), answer.type, answer.body.size(),
      answer.status == 405 ? "Allow: GET, HEAD\r\n" : "", keep_alive ? "" : "Connection: close\r\n",
      with_body ? answer.body : "");
}

Answer plain(int status, std::string_view text) {
  return {status, "text/plain; charset=utf-8", std::string(text) + "\n"};
}

}  // namespace

struct HttpServer::Connection {
  base::Fd socket;
  std::string in, out;
  std::size_t sent = 0;
  http1::Progress progress;
  bool closing = false;  // when `out` is sent
  Clock::time_point deadline = Clock::now() + patience;

  bool writing() const { return sent < out.size(); }
};

// The server's thread: poll, accept, read, answer, until the other end of `wake` is written to.
class HttpServer::Service {
public:
  Service(int listener, int wake, const Handler& handler)
      : listener_(listener), wake_(wake), handler_(handler) {}

  void run() {
    for (;;) {
      std::vector<pollfd> watched{{wake_, POLLIN, 0}, {accepts() ? listener_ : -1, POLLIN, 0}};
      for (const Connection& each : connections_)
        watched.push_back({each.socket.get(), static_cast<short>(each.writing() ? POLLOUT : POLLIN), 0});
      if (::poll(watched.data(), watched.size(), timeout_ms()) < 0 && errno != EINTR) return;
      if (watched[0].revents != 0) return;
      serve_ready(watched);
      if (watched[1].revents != 0) accept();
    }
  }

private:
  bool accepts() const { return connections_.size() < most_connections && Clock::now() >= accept_again_; }

  int timeout_ms() const {
    auto first = Clock::time_point::max();
    if (accept_again_ > Clock::now()) first = accept_again_;
    for (const Connection& each : connections_) first = std::min(first, each.deadline);
    if (first == Clock::time_point::max()) return -1;
    return static_cast<int>(
        std::max<long long>(0, std::chrono::ceil<std::chrono::milliseconds>(first - Clock::now()).count()));
  }

  void serve_ready(const std::vector<pollfd>& watched) {
    auto now = Clock::now();
    std::size_t index = 2;
    for (auto each = connections_.begin(); each != connections_.end(); ++index) {
      bool alive = each->deadline > now && (watched[index].revents == 0 || advance(*each));
      each = alive ? std::next(each) : connections_.erase(each);
    }
  }

  void accept() {
    int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) connections_.emplace_back().socket.reset(fd);
    // The one that waits keeps the listener readable: without a pause this would spin.
    else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
      accept_again_ = Clock::now() + accept_pause;
  }

  // False when the connection is over.
  bool advance(Connection& connection) {
    if (!connection.writing() && !receive(connection)) return false;
    for (;;) {
      if (!flush(connection)) return false;
      if (connection.writing()) return true;
      if (connection.closing) return false;
      if (!answer_next(connection)) return true;
    }
  }

  static bool receive(Connection& connection) {
    char buffer[4096];
    ssize_t n = ::recv(connection.socket.get(), buffer, sizeof buffer, 0);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    connection.in.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  }

  static bool flush(Connection& connection) {
    while (connection.writing()) {
      ssize_t n = ::send(connection.socket.get(), connection.out.data() + connection.sent,
                         connection.out.size() - connection.sent, MSG_NOSIGNAL);
      if (n < 0) return errno == EAGAIN || errno == EINTR;
      connection.sent += static_cast<std::size_t>(n);
      connection.deadline = Clock::now() + patience;
    }
    return true;
  }

  // False while no whole request is there.
  bool answer_next(Connection& connection) {
    auto head = std::make_unique<http1::RequestHead>();
    http1::Outcome outcome = http1::parse_request(connection.in, limits, connection.progress, *head);
    if (outcome.state == http1::Outcome::State::need_more) return false;
    bool with_body = true, keep_alive = false;
    Answer answer;
    if (outcome.state == http1::Outcome::State::fault) {
      const http1::FaultInfo& fault = http1::info(outcome.fault);
      answer = plain(fault.status, fault.detail);
    } else if (head->body.framing == http1::Framing::chunked || head->body.length > 0) {
      answer = plain(413, "requests here have no body");
    } else {
      with_body = head->method_id != http1::Method::head;
      keep_alive = head->keep_alive;
      bool readable = head->method_id == http1::Method::get || !with_body;
      answer = readable ? handler_(head->path) : plain(405, "GET and HEAD only");
    }
    connection.out = message(answer, keep_alive, with_body);
    connection.sent = 0;
    connection.closing = !keep_alive;
    connection.in.erase(0, outcome.consumed);
    connection.progress = {};
    return true;
  }

  int listener_, wake_;
  const Handler& handler_;
  std::list<Connection> connections_;
  Clock::time_point accept_again_{};
};

HttpServer::HttpServer(base::Fd listener, Handler handler)
    : listener_(std::move(listener)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      handler_(std::move(handler)) {
  thread_ = std::thread([this] { Service(listener_.get(), wake_.get(), handler_).run(); });
}

HttpServer::~HttpServer() {
  std::uint64_t one = 1;
  [[maybe_unused]] ssize_t n = ::write(wake_.get(), &one, sizeof one);
  thread_.join();
}

}  // namespace msctl::gateway::admin
