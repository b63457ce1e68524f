#include "runtime/https/server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "gateway/filters/problem/problem.h"
#include "gateway/http1/head.h"
#include "runtime/base/fd.h"
#include "runtime/https/context.h"

namespace msctl::https {
namespace {

using gateway::http1::Framing;
using gateway::http1::Method;
using gateway::http1::RequestHead;

// An API server keeps one or two connections; there are few API servers.
constexpr std::size_t most_connections = 32;
constexpr std::size_t requests_each = 1000;       // of a connection
constexpr timeval patience{10, 0};                // for each read and write
constexpr std::chrono::seconds introduction{10};  // for the whole handshake: who drips bytes is nobody
constexpr int look_every = 1000;                  // milliseconds, while somebody is connected
constexpr std::chrono::seconds idle{90};          // as long as Go's client keeps one
constexpr gateway::http1::HeadLimits limits{.bytes = 32 * 1024, .target = 8 * 1024};

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

Answer plain(int status, std::string_view text) {
  return {status, "text/plain; charset=utf-8", std::string(text) + "\n"};
}

std::string message(const Answer& answer, bool keep_alive, bool with_body) {
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n{}{}\r\n{}",
      answer.status, gateway::filters::reason_phrase(answer.status), answer.type, answer.body.size(),
      answer.status == 405 ? "Allow: GET, HEAD\r\n" : "", keep_alive ? "" : "Connection: close\r\n",
      with_body ? answer.body : "");
}

// What all connections have in common.
struct Common {
  Server::Handler handler;
  std::mutex mutex;
  Context context;
  std::vector<std::string> names;
  std::atomic<std::uint64_t> generation{0};  // of the credentials
};

struct Connection {
  base::Fd socket;
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  std::atomic<bool> is_known{false};  // the handshake is done
  std::atomic<bool> is_over{false};
  std::thread thread;
};

// One connection, on a thread of its own, from the handshake to its end.
class Session {
public:
  Session(Common& common, Connection& connection)
      : common_(common), connection_(connection), socket_(connection.socket.get()) {}

  void run() {
    if (!shake_hands()) return;
    connection_.is_known = true;
    const bool is_allowed =
        names_.empty() || std::ranges::find(names_, peer_name(ssl_.get())) != names_.end();
    for (std::size_t i = 0; i < requests_each; ++i)
      if (!serve_one(is_allowed)) break;
    SSL_shutdown(ssl_.get());
  }

private:
  bool shake_hands() {
    Context context;
    {
      const std::lock_guard lock(common_.mutex);
      context = common_.context;
      names_ = common_.names;
      generation_ = common_.generation;
    }
    if (!context) return false;
    ssl_.reset(SSL_new(context.get()));
    return ssl_ && SSL_set_fd(ssl_.get(), socket_) == 1 && SSL_accept(ssl_.get()) == 1;
  }

  // False: the connection is over.
  bool serve_one(bool is_allowed) {
    if (in_.empty() && !wait()) return false;
    auto head = std::make_unique<RequestHead>();
    gateway::http1::Progress progress;
    for (;;) {
      const auto outcome = gateway::http1::parse_request(in_, limits, progress, *head);
      using State = gateway::http1::Outcome::State;
      if (outcome.state == State::fault) {
        const auto& fault = gateway::http1::info(outcome.fault);
        write(message(plain(fault.status, fault.detail), false, true));
        return false;
      }
      if (outcome.state != State::need_more) {
        const bool goes_on = answer(*head, is_allowed);
        in_.erase(0, outcome.consumed);
        return goes_on;
      }
      if (!read()) return false;
    }
  }

  bool answer(const RequestHead& head, bool is_allowed) {
    const bool has_body = head.body.framing == Framing::chunked || head.body.length > 0;
    const bool is_head = head.method_id == Method::head;
    Answer out;
    if (!is_allowed)
      out = plain(403, "this certificate is not one of those that are served here");
    else if (has_body)
      out = plain(413, "requests here have no body");
    else if (head.method_id != Method::get && !is_head)
      out = plain(405, "GET and HEAD only");
    else
      out = common_.handler({head.path, head.query});
    const bool goes_on = head.keep_alive && !has_body && common_.generation == generation_;
    return write(message(out, goes_on, !is_head)) && goes_on;
  }

  // For the next request.
  bool wait() const {
    if (SSL_pending(ssl_.get()) > 0) return true;
    pollfd waiting{socket_, POLLIN, 0};
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(idle);
    return ::poll(&waiting, 1, static_cast<int>(limit.count())) > 0;
  }

  bool read() {
    std::array<char, 4096> buffer;
    const int size = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (size <= 0) return false;
    in_.append(buffer.data(), static_cast<std::size_t>(size));
    return true;
  }

  bool write(std::string_view bytes) {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

  Common& common_;
  Connection& connection_;
  int socket_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::vector<std::string> names_;
  std::uint64_t generation_ = 0;
  std::string in_;
};

class Running final : public Server {
public:
  Running(base::Fd listener, std::string address, Handler handler)
      : listener_(std::move(listener)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        address_(std::move(address)) {
    common_.handler = std::move(handler);
    thread_ = std::thread([this] { accept_loop(); });
  }

  ~Running() override {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = ::write(wake_.get(), &one, sizeof one);
    thread_.join();
    for (Connection& each : connections_) {
      ::shutdown(each.socket.get(), SHUT_RDWR);
      each.thread.join();
    }
  }

  base::Result<void> use(const Credentials& credentials) override {
    auto context = make_context(credentials);
    if (!context) return std::unexpected(std::move(context.error()));
    const std::lock_guard lock(common_.mutex);
    common_.context = *std::move(context);
    common_.names = credentials.client_names;
    ++common_.generation;
    return {};
  }

  std::string address() const override { return address_; }

private:
  void accept_loop() {
    for (;;) {
      std::array<pollfd, 2> waiting{{{wake_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}}};
      if (::poll(waiting.data(), waiting.size(), connections_.empty() ? -1 : look_every) < 0 &&
          errno != EINTR)
        return;
      if (waiting[0].revents != 0) return;
      sweep();
      if (waiting[1].revents == 0) continue;
      base::Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      // The one that waits keeps the listener readable: without a pause this would spin.
      if (!socket && errno != ECONNABORTED) std::this_thread::sleep_for(std::chrono::milliseconds(100));
      if (socket && connections_.size() < most_connections) begin(std::move(socket));
    }
  }

  void begin(base::Fd socket) {
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    Connection& made = connections_.emplace_back();
    made.socket = std::move(socket);
    made.thread = std::thread([this, &made] {
      Session(common_, made).run();
      ERR_clear_error();
      // The other side sees the end at once, the descriptor goes with the next sweep.
      ::shutdown(made.socket.get(), SHUT_RDWR);
      made.is_over = true;
    });
  }

  void sweep() {
    const auto now = std::chrono::steady_clock::now();
    for (auto each = connections_.begin(); each != connections_.end();) {
      if (!each->is_over) {
        if (!each->is_known && now - each->since > introduction) ::shutdown(each->socket.get(), SHUT_RDWR);
        ++each;
        continue;
      }
      each->thread.join();
      each = connections_.erase(each);
    }
  }

  base::Fd listener_, wake_;
  std::string address_;
  Common common_;
  std::list<Connection> connections_;  // of the accepting thread, and of the end
  std::thread thread_;
};

std::unexpected<base::Error> cannot_listen(const std::string& address, const std::string& why) {
  return base::fail(base::Code::gatewayCannotListen, fmt::format("cannot listen on {}: {}", address, why));
}

std::string address_of(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
  ::getnameinfo(reinterpret_cast<sockaddr*>(&bound), size, host.data(), host.size(), port.data(), port.size(),
                NI_NUMERICHOST | NI_NUMERICSERV);
  const bool is_six = bound.ss_family == AF_INET6;
  return fmt::format("{}{}{}:{}", is_six ? "[" : "", host.data(), is_six ? "]" : "", port.data());
}

}  // namespace

base::Result<std::unique_ptr<Server>> Server::start(const std::string& address, Handler handler) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return cannot_listen(address, "an address is HOST:PORT");
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int failed = ::getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found);
      failed != 0)
    return cannot_listen(address, ::gai_strerror(failed));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, ::freeaddrinfo);
  base::Fd socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  constexpr int queue = 64;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0 || ::listen(socket.get(), queue) != 0)
    return cannot_listen(address, std::strerror(errno));
  std::string bound = address_of(socket.get());
  return std::make_unique<Running>(std::move(socket), std::move(bound), std::move(handler));
}

}  // namespace msctl::https
