// HTTP/1.1 over TCP or TLS. Connections that can be used again are kept. May be used by several threads.
//
// Our own on OpenSSL rather than cpp-httplib: Debian has that as a shared library only, and the heads that
// come from others are read by the gateway's parser.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "runtime/base/clock.h"
#include "runtime/http/tls.h"
#include "runtime/http/transport.h"

namespace msctl::http {

struct ClientOptions {
  base::Duration connect_timeout = std::chrono::seconds{10};
  base::Duration idle_timeout = std::chrono::seconds{60};  // between bytes, and until an answer begins
  std::function<bool()> interrupted;                       // looked at while waiting; may be empty
  // Further certificates of authorities that are trusted for this host ("host" or "host:port"): files.
  // Not looked at where `tls` names its own.
  std::function<std::vector<std::string>(const std::string& authority)> authorities;
  Tls tls = {};
  std::string agent = "msctl";
};

class Client final : public Transport {
public:
  explicit Client(ClientOptions options);
  ~Client() override;
  std::expected<Response, Failure> send(const Request& request) override;

private:
  struct Pool;
  ClientOptions options_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace msctl::http
