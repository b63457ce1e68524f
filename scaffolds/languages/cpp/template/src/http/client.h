// One attempt at one request to another service, over cpp-httplib.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/message.h"

namespace app::http {

struct Attempt {
  enum class Failure { none,
                       connect,
                       broken,
                       timed_out,
                       too_large };
  Failure failure = Failure::none;
  Response response;  // where there is no failure
};

// Connections to one base URL, kept between requests. Thread-safe.
class Client {
 public:
  // http://host[:port][/path]; throws std::invalid_argument.
  explicit Client(const std::string& base_url);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // `path` begins with '/'. The attempt ends after `time`, whatever the other side does.
  Attempt send(const std::string& method, const std::string& path, const Headers& headers,
               const std::string& body, std::chrono::milliseconds time, std::size_t most_bytes);

 private:
  struct Connection;
  std::unique_ptr<Connection> take();

  std::string origin_;  // http://host:port
  std::string prefix_;  // what the base URL has after it
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace app::http
