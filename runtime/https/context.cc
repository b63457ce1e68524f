#include "runtime/https/context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>

namespace msctl::https {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

int no_password(char*, int, int, void*) {
  return -1;
}

Owned<BIO> reader(const std::string& pem) {
  return Owned<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// Nothing of the content: it may be a key.
std::unexpected<base::Error> unusable(const char* what) {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  std::string text = fmt::format("{} cannot be used: {}", what, reason != nullptr ? reason : "it is not PEM");
  ERR_clear_error();
  return base::fail(base::Code::metricsUnserved, std::move(text));
}

bool show(SSL_CTX* context, const Credentials& credentials) {
  const Owned<BIO> certificate_bytes = reader(credentials.certificate), key_bytes = reader(credentials.key);
  const Owned<X509> certificate(PEM_read_bio_X509(certificate_bytes.get(), nullptr, no_password, nullptr));
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(key_bytes.get(), nullptr, no_password, nullptr));
  return certificate && key && SSL_CTX_use_certificate(context, certificate.get()) == 1 &&
         SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1;
}

bool trust(SSL_CTX* context, const std::string& authorities) {
  const Owned<BIO> bytes = reader(authorities);
  int count = 0;
  while (const Owned<X509> each{PEM_read_bio_X509(bytes.get(), nullptr, no_password, nullptr)}) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), each.get()) != 1 ||
        SSL_CTX_add_client_CA(context, each.get()) != 1)
      return false;
    ++count;
  }
  if (count == 0) return false;
  ERR_clear_error();  // the end of the PEM
  return true;
}

}  // namespace

base::Result<Context> make_context(const Credentials& credentials) {
  Context out(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!out) return unusable("OpenSSL");
  SSL_CTX_set_min_proto_version(out.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(out.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // A session that is taken up again would bring a certificate that is no longer believed.
  SSL_CTX_set_session_cache_mode(out.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(out.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_num_tickets(out.get(), 0);
  if (!show(out.get(), credentials)) return unusable("the server's certificate");
  if (!trust(out.get(), credentials.client_authorities)) return unusable("the clients' authority");
  return out;
}

std::string peer_name(const SSL* ssl) {
  const Owned<X509> certificate(SSL_get1_peer_certificate(ssl));
  if (!certificate) return {};
  std::array<char, 256> name{};
  const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName,
                                             name.data(), static_cast<int>(name.size()));
  return size > 0 ? std::string(name.data(), static_cast<std::size_t>(size)) : std::string{};
}

}  // namespace msctl::https
