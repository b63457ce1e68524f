// The parts of a configuration beside its routes: each judged by its own marks.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "gateway/config/check.h"
#include "gateway/config/check_node.h"
#include "runtime/base/units.h"

namespace msctl::gateway::config {

using base::Code;
using yaml::Node;

void check_listeners(const Node* listeners, base::Errors& errors) {
  if (!listeners) return;
  std::set<std::string> seen;
  for (const Node& listener : listeners->items) {
    const Node& address = *listener.find("address");
    if (!address.scalar.ends_with(":0") && !seen.insert(address.scalar).second)
      report(errors, address.location(), Code::wrongValue,
             fmt::format("there is a listener on {} already", address.scalar), "an address of its own");
  }
}

void check_limits(const Node* limits, base::Errors& errors) {
  if (!limits) return;
  for (std::string_view key : {"headerTimeout", "bodyTimeout", "keepAliveTimeout"})
    check_positive(limits->find(key), key, errors);
  constexpr std::uint64_t least_head = 256;
  if (const Node* head = limits->find("headerBytes");
      head && base::parse_size(head->scalar).value_or(least_head) < least_head)
    report(errors, head->location(), Code::wrongValue, "hardly any request has so small a header",
           fmt::format("at least {}B", least_head));
}

void check_defaults(const Node* defaults, base::Errors& errors) {
  if (!defaults) return;
  check_authentication(defaults->find("authentication"), errors);
  for (std::string_view key : {"timeout", "connectTimeout", "idleTimeout"})
    check_positive(defaults->find(key), key, errors);
}

void check_admin(const Node& admin, base::Errors& errors) {
  const Node* address = admin.find("address");
  const Node* socket = admin.find("socket");
  if (address && socket)
    report(errors, socket->location(), Code::wrongValue, "both an address and a socket", "one of the two");
  if (!address && !socket)
    report(errors, admin.location(), Code::missingKey, "neither an address nor a socket",
           "address: 127.0.0.1:9901, or socket: PATH");
  if (address) check_address(*address, errors);
}

void check_endpoints(const Node& endpoints, base::Errors& errors) {
  std::set<std::string> seen;
  for (const Node& endpoint : endpoints.items) {
    std::size_t before = errors.size();
    check_address(endpoint, errors);
    if (errors.size() > before) continue;
    if (endpoint.scalar.ends_with(":0"))
      report(errors, endpoint.location(), Code::wrongValue, "nobody listens on port 0",
             "a port from 1 to 65535");
    if (!seen.insert(endpoint.scalar).second)
      report(errors, endpoint.location(), Code::wrongValue,
             fmt::format("'{}' stands there twice", endpoint.scalar), "each endpoint once");
  }
}

void check_provider_name(const Node& name, base::Errors& errors) {
  if (name.scalar == "none" || !is_token(name.scalar))
    report(errors, name.location(), Code::wrongValue,
           fmt::format("'{}' cannot be a provider's name", name.scalar),
           "letters, digits, '-' and '_'; 'none' stands for no authentication");
}

void check_key(const Node& entry, const std::vector<ApiKey>& before, base::Errors& errors) {
  const Node& name = *entry.find("name");
  auto printable = [](std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  };
  if (!printable(name.scalar))
    report(errors, name.location(), Code::badKeyFile, "a consumer's name is sent in a header field",
           "printable ASCII without spaces");
  if (const Node* groups = entry.find("groups"))
    for (const Node& group : groups->items)
      if (!printable(group.scalar) || group.scalar.find(',') != std::string::npos)
        report(errors, group.location(), Code::badKeyFile, "groups are sent as a list in a header field",
               "printable ASCII without spaces and commas");
  const Node& digest = *entry.find("sha256");
  auto same = [&](const ApiKey& other) {
    return std::ranges::equal(other.sha256, digest.scalar, {}, {},
                              [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  };
  if (auto other = std::ranges::find_if(before, same); other != before.end())
    report(errors, digest.location(), Code::badKeyFile,
           fmt::format("'{}' has the key of '{}'", name.scalar, other->name),
           "a key of its own for each consumer");
}

void check_address(const Node& node, base::Errors& errors) {
  std::string_view text = node.scalar;
  std::size_t colon = text.rfind(':');
  unsigned port = 65536;
  bool fine = colon != std::string_view::npos && colon > 0;
  if (fine) {
    std::string_view digits = text.substr(colon + 1);
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    std::string_view host = text.substr(0, colon);
    bool bracketed = host.starts_with('[') && host.ends_with(']');
    fine = error == std::errc{} && end == digits.data() + digits.size() && port < 65536 &&
           (bracketed || host.find(':') == std::string_view::npos);
  }
  if (!fine)
    report(errors, node.location(), Code::wrongValue,
           fmt::format("'{}' is not an address with a port", node.scalar),
           "a host and a port, like 127.0.0.1:8080 or [::1]:8080",
           text.find_first_not_of("0123456789") == std::string_view::npos
               ? fmt::format("did you mean '127.0.0.1:{}'?", text)
               : std::string{});
}

void check_network(const Node& node, base::Errors& errors) {
  std::string address = node.scalar.substr(0, node.scalar.find('/'));
  std::array<unsigned char, 16> bytes{};
  int bits = inet_pton(AF_INET, address.c_str(), bytes.data()) == 1    ? 32
             : inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1 ? 128
                                                                       : 0;
  int prefix = bits;
  bool fine = bits > 0;
  if (fine && address.size() < node.scalar.size()) {
    std::string_view digits = std::string_view(node.scalar).substr(address.size() + 1);
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    fine = error == std::errc{} && end == digits.data() + digits.size() && prefix >= 0 && prefix <= bits;
  }
  if (!fine)
    report(errors, node.location(), Code::wrongValue, fmt::format("'{}' is not a network", node.scalar),
           "an address or a network, like 10.0.0.0/8");
}

}  // namespace msctl::gateway::config
