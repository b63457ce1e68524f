#include "runtime/http/connection.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "runtime/http/tls.h"

namespace msctl::http {
namespace {

std::unexpected<Failure> fail(Failure::Kind kind, std::string message) {
  return std::unexpected(Failure{kind, std::move(message)});
}

// A server that is gone without a word is noticed within half a minute, also where nobody writes.
void notice_silence(int socket) {
  const auto set = [socket](int level, int name, int value) {
    ::setsockopt(socket, level, name, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 15);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_NODELAY, 1);
}

}  // namespace

void Connection::CloseTls::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

std::expected<void, Failure> Connection::wait(short events, base::Duration limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    pollfd watched{fd_.get(), events, 0};
    const int ready = ::poll(&watched, 1, 100);
    if ((options_->interrupted && options_->interrupted()) ||
        (request_ != nullptr && request_->interrupted && request_->interrupted()))
      return fail(Failure::Kind::interrupted, "interrupted");
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return fail(Failure::Kind::broken, std::strerror(errno));
    if (std::chrono::steady_clock::now() >= deadline)
      return fail(Failure::Kind::timeout, "it has not answered in time");
  }
}

// Before anything of a request was sent: whoever decides about sending it again must be able to tell.
std::expected<void, Failure> Connection::wait_for_start(short events, const Url& url) const {
  auto waited = wait(events, options_->connect_timeout);
  if (waited || waited.error().kind != Failure::Kind::timeout) return waited;
  return fail(Failure::Kind::connect,
              fmt::format("cannot connect to {}: it has not answered in time", url.authority()));
}

base::Duration Connection::idle_timeout() const {
  return request_ != nullptr && request_->idle_timeout > base::Duration::zero() ? request_->idle_timeout
                                                                                : options_->idle_timeout;
}

std::expected<Connection, Failure> Connection::open(const Request& request, const ClientOptions& options,
                                                    ssl_ctx_st* tls) {
  const Url& url = request.url;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  // Loopback addresses are no addresses in the sense of AI_ADDRCONFIG.
  if (is_address(url.host)) hints.ai_flags = AI_NUMERICHOST;
  if (const int error = ::getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found);
      error != 0)
    return fail(Failure::Kind::resolve,
                fmt::format("{} has no address: {}", url.host, ::gai_strerror(error)));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
  Failure last{Failure::Kind::connect, "no address"};
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    Connection out(base::Fd(::socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
                   options);
    if (!out.fd_) continue;
    out.serve(request);
    notice_silence(out.fd_.get());
    int error = ::connect(out.fd_.get(), each->ai_addr, each->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
      if (auto waited = out.wait_for_start(POLLOUT, url); !waited) {
        last = waited.error();
        if (last.kind == Failure::Kind::interrupted) break;
        continue;
      }
      socklen_t size = sizeof error;
      ::getsockopt(out.fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error != 0) {
      last = {Failure::Kind::connect,
              fmt::format("cannot connect to {}: {}", url.authority(), std::strerror(error))};
      continue;
    }
    if (url.scheme == "https")
      if (auto started = out.start_tls(url, tls); !started) return std::unexpected(started.error());
    return out;
  }
  return std::unexpected(std::move(last));
}

std::expected<void, Failure> Connection::start_tls(const Url& url, ssl_ctx_st* tls) {
  ssl_.reset(SSL_new(tls));
  if (!ssl_) return fail(Failure::Kind::tls, "out of memory");
  SSL_set_fd(ssl_.get(), fd_.get());
  const std::string& name = options_->tls.server_name.empty() ? url.host : options_->tls.server_name;
  if (is_address(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), name.c_str());
  } else {
    // The macro for this casts in the old way.
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name.c_str()));
    SSL_set1_host(ssl_.get(), name.c_str());
  }
  for (;;) {
    const int done = SSL_connect(ssl_.get());
    if (done == 1) return {};
    const int error = SSL_get_error(ssl_.get(), done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
      return std::unexpected(tls_failure(ssl_.get(), url.authority()));
    if (auto waited = wait_for_start(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, url); !waited)
      return waited;
  }
}

std::expected<void, Failure> Connection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    short events = POLLOUT;
    if (ssl_) {
      std::size_t done = 0;
      const int ok = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &done);
      if (ok == 1) {
        bytes.remove_prefix(done);
        continue;
      }
      const int error = SSL_get_error(ssl_.get(), ok);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        ERR_clear_error();
        return fail(Failure::Kind::broken, "the connection broke while something was sent");
      }
      if (error == SSL_ERROR_WANT_READ) events = POLLIN;
    } else {
      const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(n));
        continue;
      }
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno != EAGAIN) return fail(Failure::Kind::broken, std::strerror(errno));
    }
    if (auto waited = wait(events, idle_timeout()); !waited) return waited;
  }
  return {};
}

std::expected<std::size_t, Failure> Connection::read(char* buffer, std::size_t size) {
  for (;;) {
    short events = POLLIN;
    if (ssl_) {
      std::size_t done = 0;
      const int ok = SSL_read_ex(ssl_.get(), buffer, size, &done);
      if (ok == 1) return done;
      const int error = SSL_get_error(ssl_.get(), ok);
      if (error == SSL_ERROR_ZERO_RETURN) return 0;
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        ERR_clear_error();
        return fail(Failure::Kind::broken, "the connection broke");
      }
      if (error == SSL_ERROR_WANT_WRITE) events = POLLOUT;
    } else {
      const ssize_t n = ::recv(fd_.get(), buffer, size, 0);
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return fail(Failure::Kind::broken, std::strerror(errno));
    }
    if (auto waited = wait(events, idle_timeout()); !waited) return std::unexpected(waited.error());
  }
}

bool Connection::is_idle() const {
  char byte;
  return ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN &&
         (!ssl_ || SSL_pending(ssl_.get()) == 0);
}

}  // namespace msctl::http
