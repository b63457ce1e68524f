// What a credential says of itself, to be read by a person: never the credential.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/clock.h"

namespace msctl::kubernetes::kubeconfig {

// "client certificate of ann, expired 2026-01-31T12:00:00.000Z". PEM.
std::string describe_certificate(const std::string& pem, base::WallTime now);

// "token of system:serviceaccount:shop:ci, good until …": a JWT's sub and exp, of which nothing is verified.
std::string describe_token(std::string_view token, base::WallTime now);

}  // namespace msctl::kubernetes::kubeconfig
