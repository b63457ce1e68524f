#include "gateway/filters/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace msctl::gateway::filters {
namespace {

constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

// A port behind the address, digits only; nothing else may stand there.
bool is_port(std::string_view text) {
  return text.size() >= 1 && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<Address> parse_plain(std::string_view text) {
  std::array<char, address_room> room{};
  if (text.empty() || text.size() >= room.size()) return std::nullopt;
  std::memcpy(room.data(), text.data(), text.size());
  Address address;
  if (inet_pton(AF_INET6, room.data(), address.bytes.data()) == 1) return address;
  std::ranges::copy(mapped, address.bytes.begin());
  if (inet_pton(AF_INET, room.data(), address.bytes.data() + 12) == 1) return address;
  return std::nullopt;
}

}  // namespace

bool Address::is_v4() const {
  return std::equal(mapped.begin(), mapped.end(), bytes.begin());
}

std::optional<Address> parse_address(std::string_view text) {
  if (text.starts_with('[')) {
    std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    std::string_view behind = text.substr(close + 1);
    if (!behind.empty() && (behind[0] != ':' || !is_port(behind.substr(1)))) return std::nullopt;
    return parse_plain(text.substr(1, close - 1));
  }
  std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos)
    return is_port(text.substr(colon + 1)) ? parse_plain(text.substr(0, colon)) : std::nullopt;
  return parse_plain(text);
}

std::string_view to_text(const Address& address, char (&out)[address_room]) {
  if (address.is_v4())
    inet_ntop(AF_INET, address.bytes.data() + 12, out, sizeof out);
  else
    inet_ntop(AF_INET6, address.bytes.data(), out, sizeof out);
  return out;
}

bool Network::contains(const Address& address) const {
  auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(base.bytes.begin(), base.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.bytes.begin()))
    return false;
  int rest = bits % 8;
  return rest == 0 || ((base.bytes[whole] ^ address.bytes[whole]) >> (8 - rest)) == 0;
}

std::optional<Network> parse_network(std::string_view text) {
  std::size_t slash = std::min(text.find('/'), text.size());
  auto base = parse_plain(text.substr(0, slash));
  if (!base) return std::nullopt;
  Network network{*base, 128};
  if (slash == text.size()) return network;
  bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  std::string_view digits = text.substr(slash + 1);
  int bits = -1;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size() || bits < 0 || bits > (v4 ? 32 : 128))
    return std::nullopt;
  network.bits = v4 ? 96 + bits : bits;
  return network;
}

Networks::Networks(const std::vector<std::string>& cidrs) {
  for (const std::string& cidr : cidrs)
    if (auto network = parse_network(cidr)) networks_.push_back(*network);
}

bool Networks::contains(const Address& address) const {
  return std::ranges::any_of(networks_, [&](const Network& network) { return network.contains(address); });
}

}  // namespace msctl::gateway::filters
