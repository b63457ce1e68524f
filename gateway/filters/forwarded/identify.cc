#include "gateway/filters/forwarded/identify.h"

#include <algorithm>

#include "gateway/filters/forwarded/elements.h"
#include "gateway/filters/forwarded/trace.h"

namespace msctl::gateway::filters {
namespace {

using http1::Field;
using http1::Fields;
using http1::Name;

constexpr std::size_t max_hops = 32;

// The last hops of a chain of proxies, the nearest last.
class Hops {
public:
  void add(std::string_view hop) { hops_[count_++ % max_hops] = hop; }
  std::size_t size() const { return std::min(count_, max_hops); }
  std::string_view from_right(std::size_t index) const { return hops_[(count_ - 1 - index) % max_hops]; }

private:
  std::array<std::string_view, max_hops> hops_;
  std::size_t count_ = 0;
};

// Whether the Forwarded fields are what the grammar allows; their nodes go to `hops`.
bool collect_forwarded(const Fields& fields, Hops& hops) {
  for (const Field& field : fields)
    if (field.id == Name::forwarded &&
        !for_each_forwarded(field.value, [&](std::string_view node) { hops.add(node); }))
      return false;
  return true;
}

Hops collect_hops(Exchange& exchange) {
  const Fields& fields = exchange.head->fields;
  Hops hops, forwarded;
  for (const Field& field : fields)
    if (field.id == Name::x_forwarded_for)
      http1::for_each_element(field.value, [&](std::string_view hop) { hops.add(hop); });
  exchange.forwarded_valid = collect_forwarded(fields, forwarded);
  if (hops.size() > 0 || !exchange.forwarded_valid) return hops;
  return forwarded;
}

Address find_client(const Networks& trusted, Exchange& exchange) {
  Address client = exchange.peer;
  Hops hops = collect_hops(exchange);
  for (std::size_t i = 0; i < hops.size() && trusted.contains(client); ++i) {
    auto hop = parse_address(hops.from_right(i));
    if (!hop) break;  // "unknown", an obfuscated name, or nonsense: nothing left of it can be believed
    client = *hop;
  }
  return client;
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~+/=:@").find(c) != std::string_view::npos;
  });
}

// The value of a field that stands there exactly once.
std::string_view only(const Fields& fields, Name id) {
  const Field* found = nullptr;
  for (const Field& field : fields) {
    if (field.id != id) continue;
    if (found) return {};
    found = &field;
  }
  return found ? found->value : std::string_view();
}

void identify_trace(Exchange& exchange) {
  Arena& arena = *exchange.arena;
  auto parent = parse_traceparent(only(exchange.head->fields, Name::traceparent));
  exchange.trace_continued = parent.has_value();
  exchange.trace_id = parent ? parent->trace_id : random_hex(arena, *exchange.random, 32);
  std::string_view span = random_hex(arena, *exchange.random, 16);
  exchange.traceparent = arena.join(std::string_view("00-"), exchange.trace_id, std::string_view("-"), span,
                                    std::string_view("-"), parent ? parent->flags : std::string_view("01"));
}

}  // namespace

void identify(const Networks& trusted, Exchange& exchange) {
  exchange.trusted = !trusted.empty() && trusted.contains(exchange.peer);
  exchange.client = exchange.trusted ? find_client(trusted, exchange) : exchange.peer;
  char room[address_room];
  exchange.client_address = exchange.arena->copy(to_text(exchange.client, room));
  std::string_view id =
      exchange.trusted ? only(exchange.head->fields, Name::x_request_id) : std::string_view();
  exchange.request_id = is_request_id(id) ? id : random_hex(*exchange.arena, *exchange.random, 32);
  identify_trace(exchange);
}

}  // namespace msctl::gateway::filters
