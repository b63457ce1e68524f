// The HTTP/1.1 server: cpp-httplib reads and writes the messages, this looks after connections and the end.
//
// How a shutdown goes:
//  1. `drain`: every answer carries "Connection: close"; new connections are still taken, so that a balancer
//  can notice.
//  2. `stop`: the listener closes. Open connections get a moment to send what is on its way, since closing
//  one that looks
//     idle could cut a request that is already in the socket's buffer.
//  3. Idle connections are closed; requests in flight are finished.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "http/message.h"

namespace app::http {

struct Limits {
  std::chrono::milliseconds header_time{10000};
  std::chrono::milliseconds body_time{30000};
  // Longer than gateways keep idle connections (mostly 60 to 75 s): the side that sends should close.
  std::chrono::milliseconds idle_time{90000};
  std::chrono::milliseconds linger{150};
  std::size_t header_bytes = std::size_t{32} * 1024;
  std::size_t body_bytes = std::size_t{64} * 1024;
  std::size_t connections = 256;
};

class Server {
 public:
  // `refuse` makes the answer to what is not even a request: a status and why.
  using Refuse = std::function<Response(int status, const std::string& detail)>;

  Server(Handler handler, Refuse refuse, const Limits& limits = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The port on which it listens now; throws std::runtime_error. 0: any free one.
  int bind(const std::string& host, int port);

  // Begins to answer, on threads of its own.
  void start();

  void drain();

  // False if requests were still running after `within`; the process should then end.
  bool stop(std::chrono::milliseconds within);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace app::http
