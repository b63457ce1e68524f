#include "pipelines/image/attach/sign.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "runtime/base/base64.h"

namespace msctl::image {
namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 10;

// OpenSSL asks for the password here; without one it must not ask the terminal.
int give_password(char* buffer, int size, int, void* data) {
  const std::string& password = *static_cast<const std::string*>(data);
  if (password.empty() || password.size() > static_cast<std::size_t>(size)) return -1;
  std::ranges::copy(password, buffer);
  return static_cast<int>(password.size());
}

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

void Signer::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

base::Result<Signer> Signer::load(std::string_view pem, const std::string& name,
                                  const std::string& password) {
  const auto bad = [&](std::string_view why, std::string help = {}) {
    return base::fail(base::Code::badSigningKey, fmt::format("{}: {}", name, why), std::move(help));
  };
  if (pem.find("-----BEGIN ENCRYPTED SIGSTORE") != std::string_view::npos ||
      pem.find("-----BEGIN ENCRYPTED COSIGN") != std::string_view::npos)
    return bad("it is in cosign's own form, which only cosign opens",
               "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out cosign.key");
  if (pem.find("PRIVATE KEY-----") == std::string_view::npos) return bad("there is no private key in it");
  if (pem.size() > most_bytes) return bad("it is too large for a key");
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::string given = password;
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, give_password, &given);
  ERR_clear_error();
  if (key == nullptr)
    return bad(
        pem.find("ENCRYPTED") != std::string_view::npos ? "its password is another" : "it cannot be read",
        "an encrypted key's password stands in MSCTL_SIGNING_PASSWORD");
  Signer out(key);
  std::array<char, 64> group{};
  std::size_t size = 0;
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
      EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1 ||
      OBJ_sn2nid(group.data()) != NID_X9_62_prime256v1)
    return bad("it is not of the curve P-256");
  return out;
}

base::Result<std::string> Signer::sign(std::string_view bytes) const {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t size = 0;
  std::string out;
  if (context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
      EVP_DigestSign(context.get(), nullptr, &size, data, bytes.size()) == 1) {
    out.resize(size);
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, data,
                       bytes.size()) == 1) {
      out.resize(size);
      return base::to_base64(out);
    }
  }
  ERR_clear_error();
  return base::fail(base::Code::badSigningKey, "the key does not sign");
}

std::string signature_payload(const std::string& name, const std::string& digest) {
  const nlohmann::ordered_json out{{"critical",
                                    {{"identity", {{"docker-reference", name}}},
                                     {"image", {{"docker-manifest-digest", digest}}},
                                     {"type", "cosign container image signature"}}},
                                   {"optional", nullptr}};
  return out.dump();
}

base::Result<std::string> envelope(const Signer& signer, std::string_view statement) {
  // What is signed says its own lengths, so that it cannot be read in another way.
  auto signature = signer.sign(
      fmt::format("DSSEv1 {} {} {} {}", statement_type.size(), statement_type, statement.size(), statement));
  if (!signature) return signature;
  const nlohmann::ordered_json out{{"payloadType", statement_type},
                                   {"payload", base::to_base64(statement)},
                                   {"signatures", {{{"keyid", ""}, {"sig", *signature}}}}};
  return out.dump();
}

}  // namespace msctl::image
