// A connection to one server, in plain text or through TLS, with deadlines.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/fd.h"
#include "runtime/http/client.h"

struct ssl_st;
struct ssl_ctx_st;

namespace msctl::http {

class Connection {
public:
  static std::expected<Connection, Failure> open(const Request& request, const ClientOptions& options,
                                                 ssl_ctx_st* tls);
  Connection(Connection&&) noexcept = default;
  Connection& operator=(Connection&&) noexcept = default;

  std::expected<void, Failure> write(std::string_view bytes);
  // 0: the other side has closed.
  std::expected<std::size_t, Failure> read(char* buffer, std::size_t size);
  // What this request says of time-outs and interruption; it must stay until the next call.
  void serve(const Request& request) { request_ = &request; }
  // Neither closed nor with bytes that nobody asked for: good for another request.
  bool is_idle() const;

private:
  struct CloseTls {
    void operator()(ssl_st* ssl) const;
  };
  explicit Connection(base::Fd fd, const ClientOptions& options) : fd_(std::move(fd)), options_(&options) {}
  std::expected<void, Failure> start_tls(const Url& url, ssl_ctx_st* tls);
  std::expected<void, Failure> wait(short events, base::Duration limit) const;
  std::expected<void, Failure> wait_for_start(short events, const Url& url) const;
  base::Duration idle_timeout() const;

  base::Fd fd_;
  std::unique_ptr<ssl_st, CloseTls> ssl_;
  const ClientOptions* options_;
  const Request* request_ = nullptr;
};

}  // namespace msctl::http
