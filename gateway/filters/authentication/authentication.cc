#include "gateway/filters/authentication/authentication.h"

namespace msctl::gateway::filters {

bool Authenticate::refuse(Exchange& exchange, bool presented) const {
  exchange.answer.status = 401;
  exchange.answer.code = base::Code::gatewayUnauthorized;
  exchange.answer.detail =
      presented ? "The credential is not valid." : "The request has no credential that this route takes.";
  exchange.answer.reason = presented ? "wrong_credential" : "no_credential";
  for (const auto& provider : providers_) exchange.response.add("WWW-Authenticate", provider->challenge());
  return false;
}

bool Authenticate::admit(Exchange& exchange) const {
  bool presented = false;
  std::size_t right = 0;
  const Consumer* first = nullptr;
  for (const auto& provider : providers_) {
    const Consumer* consumer = nullptr;
    ApiKeys::Result result = provider->check(exchange.head->fields, consumer);
    presented = presented || result != ApiKeys::Result::absent;
    if (result != ApiKeys::Result::right) continue;
    ++right;
    if (!first) first = consumer;
    if (!all_) break;
  }
  if (right == 0 || (all_ && right < providers_.size())) return refuse(exchange, presented);
  exchange.consumer = first;
  return true;
}

void Authenticate::request(Exchange& exchange) const {
  const http1::Fields& fields = exchange.head->fields;
  for (const auto& provider : providers_)
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (http1::same_name(fields[i].name, provider->header())) exchange.request.remove(i);
  if (!exchange.consumer) return;
  exchange.request.add("X-Consumer-Name", exchange.consumer->name);
  if (!exchange.consumer->groups.empty())
    exchange.request.add("X-Consumer-Groups", exchange.consumer->groups);
}

}  // namespace msctl::gateway::filters
