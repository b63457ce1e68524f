// The filters of a route in their order, and those that every request goes through.
//
//   arriving            Edge::identify      client address, request id, trace (before routing: refusals have
//   an id too) routed              Chain::admit        authentication, rate limit, respond       false:
//   exchange.answer replica chosen      Chain::request      hop-by-hop and identity fields off, forwarded
//   fields on, consumer, path, headers response head here  Chain::response     hop-by-hop fields off, rate
//   limit and request id on, headers own answer          write_problem (problem/problem.h), or answer.body
//   when answer.configured; Chain::response for the fields
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/config/types.h"
#include "gateway/filters/filter.h"
#include "gateway/filters/rate_limit/rate_table.h"

namespace msctl::gateway::filters {

class ApiKeys;

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

// What the routes of a configuration have in common: the keys of each provider.
class Prepared {
public:
  explicit Prepared(const config::Config& config);
  ~Prepared();
  // A provider that the configuration does not have knows nobody.
  std::shared_ptr<const ApiKeys> keys(const std::string& provider) const;
  const config::Defaults& defaults() const { return defaults_; }

private:
  std::map<std::string, std::shared_ptr<const ApiKeys>> keys_;
  config::Defaults defaults_;
};

class Chain {
public:
  // The configuration has been checked. Keeps copies of what it needs, so `prepared` and `route` may go;
  // `shared` must outlive it.
  Chain(const Prepared& prepared, const config::Route& route, Shared& shared);

  bool admit(Exchange& exchange) const;
  void request(
      Exchange& exchange) const;  // clears exchange.request first: may be called again, for another replica
  void response(Exchange& exchange) const;

private:
  std::vector<std::unique_ptr<const Filter>> filters_;
};

// A response that no route answers for (404, 400, 408 …): only the request id is added.
void bare_response(Exchange& exchange);

}  // namespace msctl::gateway::filters
