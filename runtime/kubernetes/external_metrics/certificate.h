// The certificate that the adapter shows to the API server, and the authority that signed it, in the way of
// https://github.com/open-policy-agent/cert-controller, which KEDA and Gatekeeper use: made by the program
// itself, kept in a Secret, and renewed long before it ends.
//
// Unlike there, the authority's key is thrown away once it has signed the one certificate: nobody who reads
// the Secret can make another. A renewal so brings a new authority, and keeps the one before beside it until
// the next, so that gateways that still show the old certificate are believed meanwhile.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace msctl::kubernetes::external_metrics {

inline constexpr std::chrono::days valid_for{90};
inline constexpr std::chrono::days renewed_before_end{30};

struct Certificate {
  std::string authorities;  // PEM: the one that signed it first, then the one before
  std::string certificate;  // PEM
  std::string key;          // PEM

  bool operator==(const Certificate&) const = default;
};

// For a server of these names (ECDSA P-256). `before`: whose first authority is kept; may be empty.
// Errors: metricsUnserved, when OpenSSL has no random numbers.
base::Result<Certificate> make_certificate(const std::vector<std::string>& names, base::WallTime now,
                                           const Certificate& before);

// Why another one is needed: "it ends at …", "it is not for NAME", "it is none"; empty: it is good.
std::string unfit(const Certificate& certificate, const std::vector<std::string>& names, base::WallTime now);

}  // namespace msctl::kubernetes::external_metrics
