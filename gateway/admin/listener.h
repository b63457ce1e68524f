// Where the administrative interface listens: an address, or a Unix socket with mode 0600.
#pragma once

#include <string>

#include "runtime/base/error.h"
#include "runtime/base/fd.h"

namespace msctl::gateway::admin {

struct Listener {
  base::Fd socket;
  std::string address;  // "127.0.0.1:9901", with the real port, or the socket's path
  std::string file;     // to be removed at the end; empty for an address
};

// Errors of both: gatewayCannotListen.
base::Result<Listener> listen_on_address(const std::string& text);
// A socket's file that nobody listens on any more is replaced.
base::Result<Listener> listen_on_socket(const std::string& path);

}  // namespace msctl::gateway::admin
