// IP addresses and networks, for trusted proxies and limits by address. IPv4 lies in IPv6's mapped range, so
// that
// "::ffff:10.0.0.1" and "10.0.0.1" are one address.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace msctl::gateway::filters {

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v4() const;
  bool operator==(const Address&) const = default;
};

// "10.0.0.1", "::1", "[::1]", "10.0.0.1:8080", "[::1]:8080": a port is left out. Nothing for anything else.
std::optional<Address> parse_address(std::string_view text);

inline constexpr std::size_t address_room = 46;
std::string_view to_text(const Address& address, char (&out)[address_room]);

struct Network {
  Address base;
  int bits = 128;  // of the 128
  bool contains(const Address& address) const;
};

std::optional<Network> parse_network(std::string_view text);  // "10.0.0.0/8", "fd00::/8", or one address

class Networks {
public:
  Networks() = default;
  explicit Networks(const std::vector<std::string>& cidrs);  // the checked ones of a configuration
  bool contains(const Address& address) const;
  bool empty() const { return networks_.empty(); }

private:
  std::vector<Network> networks_;
};

}  // namespace msctl::gateway::filters
