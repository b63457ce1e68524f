#include "gateway/upstream/endpoint.h"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <cstring>

namespace msctl::gateway::upstream {
namespace {

base::Error bad_address(const std::string& address, std::string_view why) {
  base::Error error;
  error.code = base::Code::wrongValue;
  error.message = fmt::format("endpoint '{}': {}", address, why);
  error.expected = "HOST:PORT, such as 127.0.0.1:9001 or [::1]:9001";
  return error;
}

}  // namespace

base::Result<std::shared_ptr<Endpoint>> make_endpoint(const config::Endpoint& from) {
  std::size_t colon = from.address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == from.address.size())
    return std::unexpected(bad_address(from.address, "no port"));
  std::string host = from.address.substr(0, colon);
  std::string port = from.address.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);

  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  // An address as it stands asks nobody; AI_ADDRCONFIG alone costs a look at all of the machine's addresses.
  hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST;
  addrinfo* found = nullptr;
  int status = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (status == EAI_NONAME) {
    hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
    status = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  }
  if (status != 0) return std::unexpected(bad_address(from.address, gai_strerror(status)));
  auto endpoint = std::make_shared<Endpoint>();
  endpoint->address = from.address;
  endpoint->replica = from.replica.empty() ? from.address : from.replica;
  std::memcpy(&endpoint->socket_address, found->ai_addr, found->ai_addrlen);
  endpoint->socket_length = found->ai_addrlen;
  freeaddrinfo(found);
  return endpoint;
}

base::Result<Endpoints> merge(const Endpoints& present, const std::vector<config::Endpoint>& wanted) {
  Endpoints merged;
  for (const config::Endpoint& each : wanted) {
    const std::string& replica = each.replica.empty() ? each.address : each.replica;
    auto same = [&](const std::shared_ptr<Endpoint>& endpoint) {
      return endpoint->address == each.address && endpoint->replica == replica;
    };
    if (std::ranges::any_of(merged, same)) continue;
    if (auto kept = std::ranges::find_if(present, same); kept != present.end()) {
      merged.push_back(*kept);
      continue;
    }
    auto made = make_endpoint(each);
    if (!made) return std::unexpected(made.error());
    merged.push_back(*std::move(made));
  }
  return merged;
}

}  // namespace msctl::gateway::upstream
