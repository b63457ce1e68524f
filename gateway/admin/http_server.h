// A small HTTP/1.1 server for answers that are at hand: one thread of its own, sockets that never block, a
// bounded number of connections, each with a deadline. The heads are parsed by the gateway's own parser;
// requests with a body are refused.
//
// Our own rather than cpp-httplib's: Debian has that as a shared library only, which brings OpenSSL, zlib,
// Brotli and libstdc++ along, and so tripled the time that every command of msctl takes to start
// (docs/bench).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "runtime/base/fd.h"

namespace msctl::gateway::admin {

struct Answer {
  int status = 200;
  std::string type;
  std::string body;
};

class HttpServer {
public:
  // Called on the server's thread. `path` is without the query.
  using Handler = std::function<Answer(std::string_view path)>;

  // Takes a listening socket, which does not block.
  HttpServer(base::Fd listener, Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

private:
  struct Connection;
  class Service;

  base::Fd listener_, wake_;
  Handler handler_;
  std::thread thread_;
};

}  // namespace msctl::gateway::admin
