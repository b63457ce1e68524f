// A server's side of TLS, with clients that show certificates.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "runtime/base/error.h"
#include "runtime/https/server.h"

namespace msctl::https {

using Context = std::shared_ptr<SSL_CTX>;

// Errors: metricsUnserved.
base::Result<Context> make_context(const Credentials& credentials);

// The common name of the other side's certificate; empty: it has none.
std::string peer_name(const SSL* ssl);

}  // namespace msctl::https
