// Whom a client trusts, and what it shows of itself.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "runtime/http/transport.h"

struct ssl_st;
struct ssl_ctx_st;

namespace msctl::http {

// For all servers that a client asks.
struct Tls {
  std::string authorities;       // PEM: these alone are trusted; empty: those of this machine
  std::string certificate, key;  // PEM: the client's own, with its chain behind it; empty: none
  std::string server_name;       // that the server's certificate must have; empty: the address's host
  bool verify = true;            // false: whoever answers is believed
};

// `files`: further authorities, beside those of this machine. Errors: a certificate or key that is none (of
// kind tls; OpenSSL's words, nothing of their content).
std::expected<ssl_ctx_st*, Failure> make_tls_context(const Tls& tls, const std::vector<std::string>& files);
void free_tls_context(ssl_ctx_st* context);

// What OpenSSL has against the other side, after a handshake that failed.
Failure tls_failure(ssl_st* ssl, const std::string& authority);

// The numbers of an address, rather than a name.
bool is_address(const std::string& host);

}  // namespace msctl::http
