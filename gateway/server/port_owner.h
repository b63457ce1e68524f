// Who listens on a TCP port of this machine.
#pragma once

#include <cstdint>
#include <string>

namespace msctl::gateway::server {

// "nginx (pid 4711)", from /proc; empty when it cannot be told (another user's process, another namespace).
std::string port_owner(std::uint16_t port);

}  // namespace msctl::gateway::server
