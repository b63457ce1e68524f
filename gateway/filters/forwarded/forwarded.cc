#include "gateway/filters/forwarded/forwarded.h"

#include "gateway/http1/scan.h"

namespace msctl::gateway::filters {
namespace {

using http1::Field;
using http1::Name;
using namespace std::string_view_literals;

// Takes the fields of this name off and gives their values as one list; empty if there are none or they are
// not to be believed.
std::string_view take(Exchange& exchange, Name id) {
  std::string_view list;
  for (std::size_t i = 0; i < exchange.head->fields.size(); ++i) {
    const Field& field = exchange.head->fields[i];
    if (field.id != id) continue;
    exchange.request.remove(i);
    if (!exchange.trusted || field.value.empty()) continue;
    list = list.empty() ? field.value : exchange.arena->join(list, ", "sv, field.value);
  }
  return list;
}

void drop_unless(bool believed, Exchange& exchange, Name id) {
  for (std::size_t i = 0; i < exchange.head->fields.size(); ++i)
    if (exchange.head->fields[i].id == id && !believed) exchange.request.remove(i);
}

std::string_view appended(Arena& arena, std::string_view list, std::string_view element) {
  return list.empty() ? element : arena.join(list, ", "sv, element);
}

// for=10.0.0.1;host=shop.example;proto=http. IPv6 addresses and what is no token stand in quotes (RFC 7239
// sections 4 and 6).
std::string_view element(Exchange& exchange, std::string_view peer) {
  Arena& arena = *exchange.arena;
  std::string_view host = exchange.head->authority;
  std::string_view by = exchange.peer.is_v4() ? peer : arena.join("\"["sv, peer, "]\""sv);
  if (host.empty()) return arena.join("for="sv, by, ";proto="sv, exchange.scheme);
  std::string_view quote = http1::is_token(host) ? ""sv : "\""sv;
  return arena.join("for="sv, by, ";host="sv, quote, host, quote, ";proto="sv, exchange.scheme);
}

}  // namespace

void Forwarded::request(Exchange& exchange) const {
  Arena& arena = *exchange.arena;
  std::string_view peer = exchange.client_address;
  if (exchange.trusted) {
    char room[address_room];
    peer = arena.copy(to_text(exchange.peer, room));
  }
  std::string_view proto = take(exchange, Name::x_forwarded_proto);
  std::string_view host = take(exchange, Name::x_forwarded_host);
  if (host.empty()) host = exchange.head->authority;
  exchange.request.add("X-Forwarded-For", appended(arena, take(exchange, Name::x_forwarded_for), peer));
  exchange.request.add("X-Forwarded-Proto", proto.empty() ? exchange.scheme : proto);
  if (!host.empty()) exchange.request.add("X-Forwarded-Host", host);
  std::string_view before = take(exchange, Name::forwarded);
  if (!exchange.forwarded_valid) before = {};
  exchange.request.add("Forwarded", appended(arena, before, element(exchange, peer)));
  drop_unless(exchange.trusted, exchange, Name::x_forwarded_port);
  drop_unless(exchange.trusted, exchange, Name::x_forwarded_other);
  drop_unless(exchange.trusted, exchange, Name::x_real_ip);
  drop_unless(false, exchange, Name::x_request_id);
  drop_unless(false, exchange, Name::traceparent);
  drop_unless(exchange.trace_continued, exchange, Name::tracestate);
  exchange.request.add("X-Request-Id", exchange.request_id);
  exchange.request.add("traceparent", exchange.traceparent);
}

void Forwarded::response(Exchange& exchange) const {
  if (exchange.response_head)
    for (std::size_t i = 0; i < exchange.response_head->fields.size(); ++i)
      if (exchange.response_head->fields[i].id == Name::x_request_id) exchange.response.remove(i);
  exchange.response.add("X-Request-Id", exchange.request_id);
}

}  // namespace msctl::gateway::filters
