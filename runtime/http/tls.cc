#include "runtime/http/tls.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <memory>
#include <utility>

namespace msctl::http {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<SSL_CTX, Free>;

Bio reader(const std::string& bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

std::string reason() {
  const char* text = ERR_reason_error_string(ERR_peek_error());
  std::string out = text != nullptr ? text : "it is not PEM";
  ERR_clear_error();
  return out;
}

// Without this a key with a password would be asked for on the terminal.
int no_password(char*, int, int, void*) {
  return -1;
}

std::unexpected<Failure> fail(std::string message) {
  return std::unexpected(Failure{Failure::Kind::tls, std::move(message)});
}

std::expected<void, Failure> trust(SSL_CTX* context, const std::string& pem) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  const Bio bytes = reader(pem);
  int count = 0;
  while (const Certificate each{PEM_read_bio_X509(bytes.get(), nullptr, no_password, nullptr)}) {
    if (X509_STORE_add_cert(store, each.get()) != 1) return fail("a certificate authority: " + reason());
    ++count;
  }
  if (count == 0) return fail("no certificate in the certificate authority's PEM: " + reason());
  ERR_clear_error();
  return {};
}

std::expected<void, Failure> show(SSL_CTX* context, const Tls& tls) {
  const Bio bytes = reader(tls.certificate);
  const Certificate own{PEM_read_bio_X509(bytes.get(), nullptr, no_password, nullptr)};
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1)
    return fail("the client certificate: " + reason());
  while (X509* each = PEM_read_bio_X509(bytes.get(), nullptr, no_password, nullptr))
    if (SSL_CTX_add0_chain_cert(context, each) != 1) {
      X509_free(each);
      return fail("the client certificate's chain: " + reason());
    }
  ERR_clear_error();
  const Bio key_bytes = reader(tls.key);
  const Key key{PEM_read_bio_PrivateKey(key_bytes.get(), nullptr, no_password, nullptr)};
  if (!key) return fail("the client key: " + reason());
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return fail("the client key: " + reason());
  return {};
}

// Of SSL_CERT_FILE and SSL_CERT_DIR, or where Debian has them; then where other systems do.
void trust_machine(SSL_CTX* context) {
  SSL_CTX_set_default_verify_paths(context);
  for (const char* bundle :
       {"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"})
    if (::access(bundle, R_OK) == 0) SSL_CTX_load_verify_locations(context, bundle, nullptr);
}

Failure::Certificate verdict_of(long verdict) {
  switch (verdict) {
    case X509_V_OK:
      return Failure::Certificate::good;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Failure::Certificate::expired;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return Failure::Certificate::wrong_name;
    default:
      return Failure::Certificate::untrusted;
  }
}

}  // namespace

std::expected<ssl_ctx_st*, Failure> make_tls_context(const Tls& tls, const std::vector<std::string>& files) {
  Context out(SSL_CTX_new(TLS_client_method()));
  if (!out) return fail("out of memory");
  SSL_CTX_set_min_proto_version(out.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(out.get(), tls.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(out.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
  if (!tls.authorities.empty()) {
    if (auto trusted = trust(out.get(), tls.authorities); !trusted) return std::unexpected(trusted.error());
  } else if (tls.verify) {
    trust_machine(out.get());
    for (const std::string& file : files) SSL_CTX_load_verify_locations(out.get(), file.c_str(), nullptr);
  }
  ERR_clear_error();
  if (!tls.certificate.empty())
    if (auto shown = show(out.get(), tls); !shown) return std::unexpected(shown.error());
  return out.release();
}

void free_tls_context(ssl_ctx_st* context) {
  SSL_CTX_free(context);
}

Failure tls_failure(ssl_st* ssl, const std::string& authority) {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  if (const long verdict = SSL_get_verify_result(ssl); verdict != X509_V_OK)
    return {Failure::Kind::tls,
            fmt::format("the certificate of {} is not trusted: {}", authority,
                        X509_verify_cert_error_string(verdict)),
            verdict_of(verdict)};
  const int why = ERR_GET_REASON(code);
  if (why == SSL_R_WRONG_VERSION_NUMBER || why == SSL_R_HTTP_REQUEST || why == SSL_R_HTTPS_PROXY_REQUEST)
    return {Failure::Kind::plain_text, fmt::format("{} does not speak TLS", authority)};
  const char* text = ERR_reason_error_string(code);
  return {Failure::Kind::tls,
          fmt::format("no TLS with {}: {}", authority, text != nullptr ? text : "it hung up")};
}

bool is_address(const std::string& host) {
  in6_addr address;
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

}  // namespace msctl::http
