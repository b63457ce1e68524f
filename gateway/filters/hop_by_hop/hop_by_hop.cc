#include "gateway/filters/hop_by_hop/hop_by_hop.h"

namespace msctl::gateway::filters {
namespace {

using http1::Name;

bool is_hop_by_hop(Name id) {
  switch (id) {
    case Name::connection:
    case Name::keep_alive:
    case Name::proxy_connection:
    case Name::te:
    case Name::trailer:  // trailers are not passed on
    case Name::upgrade:
    case Name::transfer_encoding:
    case Name::content_length:
      return true;
    default:
      return false;
  }
}

bool goes_to_upstream(Name id) {
  switch (id) {
    case Name::host:
    case Name::expect:
    case Name::http2_settings:
    case Name::proxy_authorization:  // for a proxy, which is this one
    case Name::identity:
    case Name::disguised:
      return false;
    default:
      return !is_hop_by_hop(id);
  }
}

void remove_named(std::string_view names, const http1::Fields& fields, Edits& edits) {
  http1::for_each_element(names, [&](std::string_view name) {
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (http1::same_name(fields[i].name, name)) edits.remove(i);
  });
}

template <class Keep>
void remove_from(const http1::Fields& fields, Edits& edits, Keep&& keep) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (keep(fields[i].id)) continue;
    edits.remove(i);
    if (fields[i].id == Name::connection) remove_named(fields[i].value, fields, edits);
  }
}

}  // namespace

void HopByHop::request(Exchange& exchange) const {
  remove_from(exchange.head->fields, exchange.request, goes_to_upstream);
}

void HopByHop::response(Exchange& exchange) const {
  if (exchange.response_head)
    remove_from(exchange.response_head->fields, exchange.response,
                [](Name id) { return !is_hop_by_hop(id); });
}

}  // namespace msctl::gateway::filters
