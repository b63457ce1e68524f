// TCP ports on 127.0.0.1, and who holds one.
//
// Ports for services are chosen below the range from which the kernel takes the source ports of outgoing
// connections, so that between choosing a port and the service's own bind no connection can take it. Another
// program still can: a service that ends by that is started again on another port, as every start takes a new
// one.
#pragma once

#include <netinet/in.h>

#include <string>

#include "runtime/base/error.h"
#include "runtime/base/fd.h"

namespace msctl::local {

sockaddr_in loopback(int port);

// Free at this moment. Errors: portTaken when there is none.
base::Result<int> free_port();

struct Bound {
  base::Fd socket;  // non-blocking, not listening
  int port = 0;
};
base::Result<Bound> bind_loopback();

// "nginx (pid 4711)" for whoever of this user's (for root: any) processes listens on the port; empty when
// that cannot be told.
std::string owner_of_port(int port);

}  // namespace msctl::local
