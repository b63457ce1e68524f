#include "runtime/kubernetes/external_metrics/certificate.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <optional>

namespace msctl::kubernetes::external_metrics {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

constexpr std::chrono::hours clock_skew{1};

int no_password(char*, int, int, void*) {
  return -1;
}

Owned<BIO> reader(const std::string& pem) {
  return Owned<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Owned<X509> first_of(const std::string& pem) {
  const Owned<BIO> bytes = reader(pem);
  Owned<X509> out(PEM_read_bio_X509(bytes.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  return out;
}

template <class Write>
std::string pem_of(const Write& write) {
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  if (!out || !write(out.get())) return {};
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  return pem_of([&](BIO* to) { return PEM_write_bio_X509(to, certificate) == 1; });
}

bool add_extension(X509* to, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return extension && X509_add_ext(to, extension.get(), -1) == 1;
}

bool set_serial(X509* certificate) {
  constexpr int bits = 127;  // RFC 5280, 4.1.2.2: at most 20 octets, positive
  const Owned<BIGNUM> number(BN_new());
  return number && BN_rand(number.get(), bits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_times(X509* certificate, base::WallTime now) {
  const std::time_t from = base::WallTime::clock::to_time_t(now - clock_skew);
  const std::time_t until = base::WallTime::clock::to_time_t(now + valid_for);
  return ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), until) != nullptr;
}

bool set_name(X509_NAME* name, const std::string& common) {
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common.c_str()), -1, -1, 0) == 1;
}

// Without extensions and signature.
Owned<X509> begun(EVP_PKEY* key, const std::string& subject, X509* issuer, base::WallTime now) {
  Owned<X509> out(X509_new());
  constexpr long version_3 = 2;
  if (!out || X509_set_version(out.get(), version_3) != 1 || !set_serial(out.get()) ||
      !set_times(out.get(), now) || !set_name(X509_get_subject_name(out.get()), subject) ||
      X509_set_issuer_name(out.get(), X509_get_subject_name(issuer != nullptr ? issuer : out.get())) != 1 ||
      X509_set_pubkey(out.get(), key) != 1)
    return nullptr;
  return out;
}

Owned<X509> authority(EVP_PKEY* key, base::WallTime now) {
  // A name of its own: of two authorities with one name and different keys the wrong one might be tried.
  Owned<X509> out =
      begun(key, fmt::format("msctl external metrics {}", now.time_since_epoch().count()), nullptr, now);
  if (!out || !add_extension(out.get(), out.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !add_extension(out.get(), out.get(), NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !add_extension(out.get(), out.get(), NID_subject_key_identifier, "hash") ||
      X509_sign(out.get(), key, EVP_sha256()) == 0)
    return nullptr;
  return out;
}

Owned<X509> server(EVP_PKEY* key, const std::vector<std::string>& names, X509* issuer, EVP_PKEY* issuer_key,
                   base::WallTime now) {
  std::string alternatives;
  for (const std::string& name : names) alternatives += (alternatives.empty() ? "DNS:" : ",DNS:") + name;
  Owned<X509> out = begun(key, "msctl external metrics", issuer, now);
  if (!out || !add_extension(out.get(), issuer, NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension(out.get(), issuer, NID_key_usage, "critical,digitalSignature") ||
      !add_extension(out.get(), issuer, NID_ext_key_usage, "serverAuth") ||
      !add_extension(out.get(), issuer, NID_authority_key_identifier, "keyid") ||
      !add_extension(out.get(), issuer, NID_subject_alt_name, alternatives) ||
      X509_sign(out.get(), issuer_key, EVP_sha256()) == 0)
    return nullptr;
  return out;
}

std::optional<base::WallTime> end_of(const X509* certificate) {
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) return std::nullopt;
  return base::WallTime::clock::from_time_t(::timegm(&end));
}

bool signed_by(X509* certificate, X509* issuer, base::WallTime now) {
  const Owned<X509_STORE> store(X509_STORE_new());
  const Owned<X509_STORE_CTX> context(X509_STORE_CTX_new());
  if (!store || !context || X509_STORE_add_cert(store.get(), issuer) != 1 ||
      X509_STORE_CTX_init(context.get(), store.get(), certificate, nullptr) != 1)
    return false;
  X509_STORE_CTX_set_time(context.get(), 0, base::WallTime::clock::to_time_t(now));
  const bool good = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace

base::Result<Certificate> make_certificate(const std::vector<std::string>& names, base::WallTime now,
                                           const Certificate& before) {
  const Owned<EVP_PKEY> authority_key(EVP_EC_gen("P-256")), key(EVP_EC_gen("P-256"));
  Owned<X509> issuer, own;
  if (authority_key && key) issuer = authority(authority_key.get(), now);
  if (issuer) own = server(key.get(), names, issuer.get(), authority_key.get(), now);
  Certificate out;
  if (own) {
    out.authorities = pem_of(issuer.get());
    out.certificate = pem_of(own.get());
    out.key = pem_of([&](BIO* to) {
      return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
    });
  }
  ERR_clear_error();
  if (out.authorities.empty() || out.certificate.empty() || out.key.empty())
    return base::fail(base::Code::metricsUnserved, "OpenSSL could not make a certificate");
  const Owned<X509> last = first_of(before.authorities);
  const auto end = last ? end_of(last.get()) : std::nullopt;
  if (end && *end > now) out.authorities += pem_of(last.get());
  return out;
}

std::string unfit(const Certificate& certificate, const std::vector<std::string>& names, base::WallTime now) {
  const Owned<X509> issuer = first_of(certificate.authorities), own = first_of(certificate.certificate);
  const Owned<BIO> key_bytes = reader(certificate.key);
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(key_bytes.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  if (!issuer || !own || !key) return "it is none";
  if (X509_check_private_key(own.get(), key.get()) != 1) {
    ERR_clear_error();
    return "its key is another's";
  }
  const auto end = end_of(own.get());
  if (!end) return "it does not say when it ends";
  if (*end - now <= renewed_before_end) return fmt::format("it ends at {}", base::to_rfc3339(*end));
  if (!signed_by(own.get(), issuer.get(), now)) return "its authority did not sign it";
  for (const std::string& name : names)
    if (X509_check_host(own.get(), name.c_str(), name.size(), 0, nullptr) != 1)
      return fmt::format("it is not for {}", name);
  return {};
}

}  // namespace msctl::kubernetes::external_metrics
