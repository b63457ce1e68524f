#include "http/client.h"

#include <httplib.h>

#include <stdexcept>

namespace app::http {
namespace {

constexpr std::size_t most_idle = 16;

Attempt::Failure failure_of(httplib::Error error, bool late, bool large) {
  if (large) return Attempt::Failure::too_large;
  switch (error) {
    case httplib::Error::Success:
      return Attempt::Failure::none;
    case httplib::Error::ConnectionTimeout:
      return Attempt::Failure::timed_out;
    case httplib::Error::Connection:
      return late ? Attempt::Failure::timed_out : Attempt::Failure::connect;
    default:
      return late ? Attempt::Failure::timed_out : Attempt::Failure::broken;
  }
}

}  // namespace

struct Client::Connection {
  explicit Connection(const std::string& origin) : client(origin) {
    client.set_keep_alive(true);
    client.set_tcp_nodelay(true);
    client.set_follow_location(false);
    client.set_url_encode(false);
  }
  httplib::Client client;
};

Client::Client(const std::string& base_url) {
  constexpr std::string_view scheme = "http://";
  if (!base_url.starts_with(scheme))
    throw std::invalid_argument("'" + base_url + "' does not begin with http://");
  const auto slash = base_url.find('/', scheme.size());
  origin_ = base_url.substr(0, slash);
  if (origin_.size() == scheme.size()) throw std::invalid_argument("'" + base_url + "' names no host");
  if (slash != std::string::npos) prefix_ = base_url.substr(slash);
  while (prefix_.ends_with('/')) prefix_.pop_back();
}

Client::~Client() = default;

std::unique_ptr<Client::Connection> Client::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<Connection>(origin_);
  auto out = std::move(idle_.back());
  idle_.pop_back();
  return out;
}

Attempt Client::send(const std::string& method, const std::string& path, const Headers& headers,
                     const std::string& body, std::chrono::milliseconds time, std::size_t most_bytes) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + time;
  auto connection = take();
  connection->client.set_connection_timeout(time);
  connection->client.set_read_timeout(time);
  connection->client.set_write_timeout(time);

  httplib::Request request;
  request.method = method;
  request.path = prefix_ + path;
  for (const auto& [name, value] : headers) request.set_header(name, value);
  request.body = body;
  std::string received;
  bool large = false;
  request.content_receiver = [&](const char* bytes, size_t size, uint64_t, uint64_t) {
    large = received.size() + size > most_bytes;
    if (large || Clock::now() > deadline) return false;
    received.append(bytes, size);
    return true;
  };

  const auto result = connection->client.send(request);
  Attempt out;
  out.failure = failure_of(result.error(), Clock::now() >= deadline, large);
  if (out.failure != Attempt::Failure::none) return out;
  out.response.status = result->status;
  for (const auto& [name, value] : result->headers) out.response.headers.emplace(name, value);
  out.response.body = std::move(received);
  const std::lock_guard lock(mutex_);
  if (idle_.size() < most_idle) idle_.push_back(std::move(connection));
  return out;
}

}  // namespace app::http
