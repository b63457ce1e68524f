#include "runtime/http/connection.h"

#include <arpa/inet.h>
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

namespace msctl::http {
namespace {

std::unexpected<Failure> fail(Failure::Kind kind, std::string message) {
  return std::unexpected(Failure{kind, std::move(message)});
}

// What OpenSSL has against the other side.
std::unexpected<Failure> tls_failure(ssl_st* ssl, const Url& url) {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  if (const long verdict = SSL_get_verify_result(ssl); verdict != X509_V_OK)
    return fail(Failure::Kind::tls, fmt::format("the certificate of {} is not trusted: {}", url.authority(),
                                                X509_verify_cert_error_string(verdict)));
  const int reason = ERR_GET_REASON(code);
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
      reason == SSL_R_HTTPS_PROXY_REQUEST)
    return fail(Failure::Kind::plain_text, fmt::format("{} does not speak TLS", url.authority()));
  const char* text = ERR_reason_error_string(code);
  return fail(Failure::Kind::tls,
              fmt::format("no TLS with {}: {}", url.authority(), text != nullptr ? text : "it hung up"));
}

bool is_address(const std::string& host) {
  in6_addr address;
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

}  // namespace

void Connection::CloseTls::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

ssl_ctx_st* make_tls_context(const std::vector<std::string>& more) {
  SSL_CTX* out = SSL_CTX_new(TLS_client_method());
  if (out == nullptr) return nullptr;
  SSL_CTX_set_min_proto_version(out, TLS1_2_VERSION);
  SSL_CTX_set_verify(out, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(out,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
  // Of SSL_CERT_FILE and SSL_CERT_DIR, or where Debian has them; then where other systems do.
  SSL_CTX_set_default_verify_paths(out);
  for (const char* bundle :
       {"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"})
    if (::access(bundle, R_OK) == 0) SSL_CTX_load_verify_locations(out, bundle, nullptr);
  for (const std::string& file : more) SSL_CTX_load_verify_locations(out, file.c_str(), nullptr);
  ERR_clear_error();
  return out;
}

void free_tls_context(ssl_ctx_st* tls) {
  SSL_CTX_free(tls);
}

std::expected<void, Failure> Connection::wait(short events, base::Duration limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    pollfd watched{fd_.get(), events, 0};
    const int ready = ::poll(&watched, 1, 100);
    if (options_->interrupted && options_->interrupted())
      return fail(Failure::Kind::interrupted, "interrupted");
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return fail(Failure::Kind::broken, std::strerror(errno));
    if (std::chrono::steady_clock::now() >= deadline)
      return fail(Failure::Kind::timeout, "it has not answered in time");
  }
}

std::expected<Connection, Failure> Connection::open(const Url& url, const ClientOptions& options,
                                                    ssl_ctx_st* tls) {
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
    const int one = 1;
    ::setsockopt(out.fd_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int error = ::connect(out.fd_.get(), each->ai_addr, each->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
      if (auto waited = out.wait(POLLOUT, options.connect_timeout); !waited) {
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
  if (is_address(url.host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), url.host.c_str());
  } else {
    // The macro for this casts in the old way.
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(url.host.c_str()));
    SSL_set1_host(ssl_.get(), url.host.c_str());
  }
  for (;;) {
    const int done = SSL_connect(ssl_.get());
    if (done == 1) return {};
    const int error = SSL_get_error(ssl_.get(), done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return tls_failure(ssl_.get(), url);
    if (auto waited = wait(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, options_->connect_timeout);
        !waited)
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
    if (auto waited = wait(events, options_->idle_timeout); !waited) return waited;
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
    if (auto waited = wait(events, options_->idle_timeout); !waited) return std::unexpected(waited.error());
  }
}

bool Connection::is_idle() const {
  char byte;
  return ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN &&
         (!ssl_ || SSL_pending(ssl_.get()) == 0);
}

}  // namespace msctl::http
