#include "runtime/kubernetes/kubeconfig/describe.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>

#include "runtime/base/base64.h"

namespace msctl::kubernetes::kubeconfig {
namespace {

using Json = nlohmann::json;

std::string until(base::WallTime end, base::WallTime now) {
  return fmt::format(", {} {}", end <= now ? "expired" : "good until", base::to_rfc3339(end));
}

// A name that others have written, on a person's terminal.
std::string harmless(std::string text) {
  std::erase_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  return text.substr(0, 200);
}

int no_password(char*, int, int, void*) {
  return -1;
}

}  // namespace

std::string describe_certificate(const std::string& pem, base::WallTime now) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bytes(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                  BIO_free);
  const std::unique_ptr<X509, void (*)(X509*)> certificate(
      PEM_read_bio_X509(bytes.get(), nullptr, no_password, nullptr), X509_free);
  ERR_clear_error();
  if (!certificate) return "client certificate";
  std::string out = "client certificate";
  char name[256];
  const int size =
      X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
  if (size > 0) out += " of " + harmless({name, static_cast<std::size_t>(size)});
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) == 1)
    out += until(base::WallTime::clock::from_time_t(::timegm(&end)), now);
  return out;
}

std::string describe_token(std::string_view token, base::WallTime now) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return "token";
  std::string body(token.substr(first + 1, second - first - 1));
  std::ranges::replace(body, '-', '+');
  std::ranges::replace(body, '_', '/');
  const auto bytes = base::from_base64(body);
  const Json claims = bytes ? Json::parse(*bytes, nullptr, false) : Json();
  if (!claims.is_object()) return "token";
  std::string out = "token";
  if (const auto sub = claims.find("sub"); sub != claims.end() && sub->is_string())
    out += " of " + harmless(sub->get<std::string>());
  if (const auto exp = claims.find("exp"); exp != claims.end() && exp->is_number()) {
    // Seconds; what lies beyond any calendar is not told.
    const double seconds = exp->get<double>();
    if (seconds > 0 && seconds < 9e9)
      out += until(base::WallTime{} + std::chrono::seconds(static_cast<std::int64_t>(seconds)), now);
  }
  return out;
}

}  // namespace msctl::kubernetes::kubeconfig
