// A small HTTPS server for few clients that show certificates: an API server's aggregation layer. A thread a
// connection, a bounded number of them, each with deadlines. GET and HEAD only; requests with a body are
// refused. The process has to ignore SIGPIPE: OpenSSL writes to sockets that their peers have closed.
//
// Our own on OpenSSL rather than cpp-httplib: Debian has that as a shared library only (see
// gateway/admin/http_server.h), and the heads that come from others are read by the gateway's parser.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::https {

struct Credentials {
  std::string certificate, key;    // PEM: the server's own
  std::string client_authorities;  // PEM: clients have a certificate of one of these, or there is no session
  std::vector<std::string>
      client_names;  // and its common name is one of these, or the answer is 403; empty: any

  bool operator==(const Credentials&) const = default;
};

struct Request {
  std::string_view path, query;  // as sent, without "?"
};

struct Answer {
  int status = 200;
  std::string type = {};
  std::string body = {};
};

class Server {
public:
  // Called from several threads.
  using Handler = std::function<Answer(const Request&)>;

  // "0.0.0.0:10250", or with port 0 any that is free. Until it has credentials, connections are closed.
  // Errors: gatewayCannotListen.
  static base::Result<std::unique_ptr<Server>> start(const std::string& address, Handler handler);
  virtual ~Server() = default;

  // From now on; connections that are open take one request more at most. Errors: metricsUnserved, for what
  // is no certificate or key; what was there before stays.
  virtual base::Result<void> use(const Credentials& credentials) = 0;

  virtual std::string address() const = 0;  // with the real port
};

}  // namespace msctl::https
