// A request on its way through a route's chain, and what becomes of it, as text.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "gateway/filters/chain/chain.h"
#include "gateway/http1/head.h"
#include "tests/catch.h"

namespace msctl::gateway::filters {

struct Fixture {
  config::Config config;
  config::Route route;
  Shared shared;
  Arena arena;
  Random random{7};
  std::string text, response_text;
  http1::RequestHead head;
  http1::ResponseHead response_head;
  router::Parameters parameters;
  Exchange exchange;

  Fixture() {
    exchange.arena = &arena;
    exchange.random = &random;
    route.name = "orders";
    route.match.path = "/**";
    route.upstream = "orders";
  }

  // Parses "GET /path\nField: value\n…" (Host is added) and identifies it.
  Exchange& arrive(std::string_view lines, std::string_view peer = "192.0.2.7") {
    text.clear();
    std::size_t end = std::min(lines.find('\n'), lines.size());
    text = std::string(lines.substr(0, end)) + " HTTP/1.1\r\nHost: shop.example:8080\r\n";
    for (std::string_view rest = lines.substr(std::min(end + 1, lines.size())); !rest.empty();) {
      std::size_t stop = std::min(rest.find('\n'), rest.size());
      text += std::string(rest.substr(0, stop)) + "\r\n";
      rest.remove_prefix(std::min(stop + 1, rest.size()));
    }
    text += "\r\n";
    http1::Progress progress;
    REQUIRE(http1::parse_request(text, {}, progress, head).state == http1::Outcome::State::done);
    exchange.reset();
    exchange.head = &head;
    exchange.path = head.path;
    exchange.peer = *parse_address(peer);
    exchange.parameters = &parameters;
    exchange.replica = "orders-1";
    Edge(config).identify(exchange);
    return exchange;
  }

  bool admit() { return chain().admit(exchange); }

  // "/path" and the fields that the upstream gets, one a line.
  std::string forwarded() {
    chain().request(exchange);
    return std::string(exchange.upstream_path) + "\n" + fields(&head.fields, exchange.request);
  }

  // The fields that the client gets of a response "Field: value\r\n…".
  std::string returned(std::string_view lines) {
    response_text = "HTTP/1.1 200 OK\r\n" + std::string(lines) + "\r\n";
    http1::Progress progress;
    REQUIRE(http1::parse_response(response_text, {}, {}, progress, response_head).state ==
            http1::Outcome::State::done);
    exchange.response_head = &response_head;
    chain().response(exchange);
    return fields(&response_head.fields, exchange.response);
  }

  std::string answered() {
    chain().response(exchange);
    return fields(nullptr, exchange.response);
  }

  // The value of a field in one of these texts, "-" if it is not there, "twice" if it is there more than
  // once.
  static std::string value(std::string_view fields, std::string_view name) {
    std::string found = "-";
    for (std::string_view rest = fields; !rest.empty();) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      std::size_t colon = line.find(": ");
      if (colon == std::string_view::npos || !http1::same_name(line.substr(0, colon), name)) continue;
      found = found == "-" ? std::string(line.substr(colon + 2)) : "twice";
    }
    return found;
  }

private:
  // Made anew each time, since tests change the route; kept, since the exchange has views into it.
  const Chain& chain() { return chains_.emplace_back(Prepared(config), route, shared); }
  std::deque<Chain> chains_;

  static std::string fields(const http1::Fields* from, const Edits& edits) {
    std::string out;
    for (std::size_t i = 0; from && i < from->size(); ++i)
      if (!edits.removed(i))
        out += std::string((*from)[i].name) + ": " + std::string((*from)[i].value) + "\n";
    for (const Header& each : edits) out += std::string(each.name) + ": " + std::string(each.value) + "\n";
    return out;
  }
};

}  // namespace msctl::gateway::filters
