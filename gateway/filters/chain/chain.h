// The filters of a route in their order, and those that every request goes through.
//
//   arriving            Edge::identify      client address, request id, trace (before routing: refusals have an id too)
//   routed              Chain::admit        authentication, rate limit, respond       false: exchange.answer
//   replica chosen      Chain::request      hop-by-hop and identity fields off, forwarded fields on, consumer, path, headers
//   response head here  Chain::response     hop-by-hop fields off, rate limit and request id on, headers
//   own answer          write_problem (problem/problem.h), or answer.body when answer.configured; Chain::response for the fields
#pragma once

#include <memory>
#include <vector>

#include "gateway/config/types.h"
#include "gateway/filters/filter.h"
#include "gateway/filters/rate_limit/rate_table.h"

namespace msctl::gateway::filters {

// What outlives a configuration, because it counts.
struct Shared {
  RateTable rates;
};

// For all requests of a configuration.
class Edge {
 public:
  explicit Edge(const config::Config& config);
  // Fills trusted, client, client_address, request_id, trace_id and traceparent.
  void identify(Exchange& exchange) const;

 private:
  Networks trusted_;
};

class Chain {
 public:
  // `config` has been checked. Keeps copies of what it needs; `shared` must outlive it.
  Chain(const config::Config& config, const config::Route& route, Shared& shared);

  bool admit(Exchange& exchange) const;
  void request(Exchange& exchange) const;  // also sets upstream_path; may be called again, for another replica
  void response(Exchange& exchange) const;

 private:
  std::vector<std::unique_ptr<const Filter>> filters_;
};

// A response that no route answers for (404, 400, 408 …): only the request id is added.
void bare_response(Exchange& exchange);

}  // namespace msctl::gateway::filters
