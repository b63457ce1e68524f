#include "http/server.h"

#include <httplib.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "http/connection.h"
#include "http/workers.h"

namespace app::http {
namespace {

using Clock = std::chrono::steady_clock;

// What cpp-httplib reads from and writes to.
class Stream final : public httplib::Stream {
 public:
  explicit Stream(Connection& connection) : connection_(connection) {}
  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, size_t size) override { return connection_.read(to, size); }
  ssize_t write(const char* from, size_t size) override { return connection_.write(from, size); }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return connection_.socket(); }

 private:
  Connection& connection_;
};

// The library wants a queue that it may delete.
class Queue final : public httplib::TaskQueue {
 public:
  explicit Queue(Workers& workers) : workers_(workers) {}
  void enqueue(std::function<void()> job) override { workers_.enqueue(std::move(job)); }
  void shutdown() override { workers_.shut_down(); }

 private:
  Workers& workers_;
};

// The exchange that the current thread is at.
struct Exchange {
  Connection& connection;
  bool answered = false;  // by the handler; otherwise the library itself refused the request
  bool close = false;
};
thread_local Exchange* current = nullptr;

bool has_body(const httplib::Request& request) {
  return request.has_header("Content-Length") || request.has_header("Transfer-Encoding");
}

// Framing that two readers could take in two ways (RFC 9112 section 6.3) ends the connection.
bool is_ambiguous(const httplib::Request& request) {
  const auto lengths = request.get_header_value_count("Content-Length");
  const auto codings = request.get_header_value_count("Transfer-Encoding");
  if (lengths + codings > 1) return true;
  if (codings == 1) return request.get_header_value("Transfer-Encoding") != "chunked";
  const std::string length = request.get_header_value("Content-Length");
  return lengths == 1 && (length.empty() || length.size() > 18 ||
                          !std::ranges::all_of(length, [](char c) { return c >= '0' && c <= '9'; }));
}

// The library takes a fixed set of methods, and refuses others (QUERY, say) as if they were no HTTP at all.
// That leaves a request line which is whole, and no other reason to have refused it; what it means is the
// handler's matter.
bool is_unknown_method(const httplib::Request& request) {
  constexpr std::array known{"GET",    "HEAD",    "POST",  "PUT",     "PATCH",
                             "DELETE", "OPTIONS", "TRACE", "CONNECT", "PRI"};
  const bool is_line = !request.method.empty() && !request.target.empty() &&
                       (request.version == "HTTP/1.1" || request.version == "HTTP/1.0");
  return is_line && std::ranges::all_of(request.method, [](char c) { return c >= 'A' && c <= 'Z'; }) &&
         std::ranges::find(known, request.method) == known.end();
}

Request to_request(const httplib::Request& from) {
  Request out;
  out.method = from.method;
  out.path = from.target.substr(0, from.target.find('?'));
  for (const auto& [name, value] : from.params) out.query.emplace(name, value);
  for (const auto& [name, value] : from.headers) out.headers.emplace(name, value);
  return out;
}

void read_body(const httplib::ContentReader& reader, std::size_t most, Request& request) {
  const bool whole = reader([&](const char* bytes, size_t size) {
    if (request.body.size() + size > most) {
      request.body_state = BodyState::too_large;
      return false;
    }
    request.body.append(bytes, size);
    return true;
  });
  if (whole || request.body_state != BodyState::whole) return;
  request.body_state = current->connection.timed_out() ? BodyState::too_slow : BodyState::broken;
}

}  // namespace

class Server::Implementation final : public httplib::Server {
 public:
  Implementation(http::Handler handler, Refuse refuse, const Limits& limits)
      : handler_(std::move(handler)),
        refuse_(std::move(refuse)),
        limits_(limits),
        workers_(limits.connections) {
    if (wake_ < 0) throw std::runtime_error("no descriptor is left");
    new_task_queue = [this] { return new Queue(workers_); };
    set_tcp_nodelay(true);
    // Not SO_REUSEPORT, the library's default: two processes would share a port unnoticed.
    set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    route();
  }

  ~Implementation() override {
    if (serving_.joinable()) serving_.join();
    ::close(wake_);
  }

  int bind_to(const std::string& host, int port) {
    errno = 0;
    const int bound = port == 0 ? bind_to_any_port(host) : bind_to_port(host, port) ? port : -1;
    if (bound < 0)
      throw std::runtime_error("cannot listen on " + host + ":" + std::to_string(port) + ": " +
                               std::strerror(errno));
    ::listen(svr_sock_, 1024);  // the library's own backlog is 5
    return bound;
  }

  void start() {
    serving_ = std::thread([this] {
      listen_after_bind();
      const std::lock_guard lock(mutex_);
      ended_ = true;
      changed_.notify_all();
    });
    while (!is_running() && !has_ended()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  void drain() { draining_ = true; }

  bool end(std::chrono::milliseconds within) {
    const auto deadline = Clock::now() + within;
    draining_ = true;
    stop();
    {
      std::unique_lock lock(mutex_);
      changed_.wait_until(lock, std::min(deadline, Clock::now() + limits_.linger),
                          [this] { return open_ == 0; });
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, deadline, [this] { return ended_; });
  }

 private:
  bool has_ended() {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

  // The library's own routing has one path only; what a request means is the handler's matter.
  void route() {
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      if (is_ambiguous(request)) {
        response.status = 400;
        return HandlerResponse::Handled;
      }
      const bool takes_body = request.method == "POST" || request.method == "PUT" ||
                              request.method == "PATCH" || request.method == "DELETE";
      if (takes_body && has_body(request)) return HandlerResponse::Unhandled;
      current->close =
          current->close || has_body(request);  // a body that nobody reads would look like a request
      answer(to_request(request), response);
      return HandlerResponse::Handled;
    });
    const auto with_body = [this](const httplib::Request& request, httplib::Response& response,
                                  const httplib::ContentReader& reader) {
      Request message = to_request(request);
      read_body(reader, limits_.body_bytes, message);
      current->close = current->close || message.body_state != BodyState::whole;
      answer(message, response);
    };
    Post("/", with_body);
    Put("/", with_body);
    Patch("/", with_body);
    Delete("/", with_body);
    set_error_handler(
        httplib::Server::Handler([this](const httplib::Request& request, httplib::Response& response) {
          if (current->answered) return;
          if (is_unknown_method(request)) {
            current->close = true;  // the library has not read the rest of this request
            answer(to_request(request), response);
          } else {
            fill(refuse_(response.status, "The request is not valid HTTP/1.1."), response);
          }
        }));
    set_post_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      finish_head(request, response);
    });
  }

  void answer(const Request& request, httplib::Response& response) {
    current->answered = true;
    fill(handler_(request), response);
  }

  static void fill(const Response& from, httplib::Response& to) {
    to.status = from.status;
    to.body = from.body;
    for (const auto& [name, value] : from.headers) {
      to.headers.erase(name);
      to.set_header(name, value);
    }
  }

  void finish_head(const httplib::Request& request, httplib::Response& response) {
    if (!current->answered || draining_ || workers_.crowded()) current->close = true;
    response.headers.erase("Keep-Alive");
    response.headers.erase("Accept-Ranges");
    if (response.status == 204) response.headers.erase("Content-Length");  // RFC 9110 section 8.6
    if (current->close || request.get_header_value("Connection") == "close") {
      response.headers.erase("Connection");
      response.set_header("Connection", "close");
    }
  }

  // What makes each connection ours: waiting for the next request ends when the server stops, and reading a
  // request has a deadline, where the library only limits the pause between two bytes.
  bool process_and_close_socket(socket_t socket) override {
    const Open counted(*this);
    Connection connection(socket);
    Stream stream(connection);
    while (connection.wait(wake_, limits_.idle_time)) {
      connection.limit(Clock::now() + limits_.header_time, limits_.header_bytes);
      Exchange exchange{connection};
      current = &exchange;
      bool client_closes = false;
      const bool written = process_request(stream, false, client_closes, [&](httplib::Request& request) {
        connection.limit(Clock::now() + limits_.body_time, 2 * limits_.body_bytes);
        request.path = "/";
        request.ranges.clear();
        request.headers.erase("Accept-Encoding");  // compression is the gateway's work
      });
      current = nullptr;
      if (!written) return false;
      if (exchange.close || client_closes) {
        connection.finish();
        return true;
      }
    }
    return true;
  }

  struct Open {
    explicit Open(Implementation& server) : server_(server) {
      const std::lock_guard lock(server_.mutex_);
      ++server_.open_;
    }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    ~Open() {
      const std::lock_guard lock(server_.mutex_);
      --server_.open_;
      server_.changed_.notify_all();
    }
    Implementation& server_;
  };

  http::Handler handler_;
  Refuse refuse_;
  Limits limits_;
  Workers workers_;
  const int wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::atomic<bool> draining_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t open_ = 0;
  bool ended_ = false;
  std::thread serving_;
};

Server::Server(Handler handler, Refuse refuse, const Limits& limits)
    : implementation_(std::make_unique<Implementation>(std::move(handler), std::move(refuse), limits)) {}
Server::~Server() = default;
int Server::bind(const std::string& host, int port) { return implementation_->bind_to(host, port); }
void Server::start() { implementation_->start(); }
void Server::drain() { implementation_->drain(); }
bool Server::stop(std::chrono::milliseconds within) { return implementation_->end(within); }

}  // namespace app::http
