// Signatures with a key, in the forms that `cosign verify --key` and `cosign verify-attestation --key` read.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

struct evp_pkey_st;

namespace msctl::image {

class Signer {
public:
  // An ECDSA key of the curve P-256, as PEM. `password`: of an encrypted one. Errors: badSigningKey.
  static base::Result<Signer> load(std::string_view pem, const std::string& name,
                                   const std::string& password);

  // Of SHA-256, as ASN.1 has it, in base64.
  base::Result<std::string> sign(std::string_view bytes) const;

private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  explicit Signer(evp_pkey_st* key) : key_(key) {}
  std::unique_ptr<evp_pkey_st, Free> key_;
};

// "Simple signing": what a signature of an image is about.
std::string signature_payload(const std::string& name, const std::string& digest);
// An in-toto statement in a DSSE envelope.
base::Result<std::string> envelope(const Signer& signer, std::string_view statement);

constexpr std::string_view payload_type = "application/vnd.dev.cosign.simplesigning.v1+json";
constexpr std::string_view signature_annotation = "dev.cosignproject.cosign/signature";
constexpr std::string_view envelope_type = "application/vnd.dsse.envelope.v1+json";
constexpr std::string_view statement_type = "application/vnd.in-toto+json";

}  // namespace msctl::image
