#include "gateway/filters/chain/chain.h"

#include "gateway/filters/authentication/authentication.h"
#include "gateway/filters/forwarded/forwarded.h"
#include "gateway/filters/forwarded/identify.h"
#include "gateway/filters/headers/headers.h"
#include "gateway/filters/hop_by_hop/hop_by_hop.h"
#include "gateway/filters/rate_limit/rate_limit.h"
#include "gateway/filters/respond/respond.h"
#include "gateway/filters/rewrite/rewrite.h"
#include "gateway/path/pattern.h"

namespace msctl::gateway::filters {
namespace {

std::vector<std::string> parameters_of(const std::string& path) {
  std::vector<std::string> names;
  if (auto pattern = path::parse_pattern(path))
    for (const path::Segment& segment : pattern->segments)
      if (segment.parameter) names.push_back(segment.text);
  return names;
}

std::unique_ptr<const Filter> authentication_of(const Prepared& prepared,
                                                const config::Authentication& authentication) {
  std::vector<std::shared_ptr<const ApiKeys>> providers;
  for (const std::string& name : authentication.providers) providers.push_back(prepared.keys(name));
  return std::make_unique<Authenticate>(std::move(providers), authentication.all);
}

}  // namespace

Edge::Edge(const config::Config& config) : trusted_(config.trusted_proxies) {}

void Edge::identify(Exchange& exchange) const {
  filters::identify(trusted_, exchange);
}

Prepared::Prepared(const config::Config& config) : defaults_(config.defaults) {
  for (const config::Provider& provider : config.authentication)
    keys_[provider.name] = std::make_shared<const ApiKeys>(provider);
}

Prepared::~Prepared() = default;

std::shared_ptr<const ApiKeys> Prepared::keys(const std::string& provider) const {
  static const auto nobody = std::make_shared<const ApiKeys>(config::Provider{});
  auto found = keys_.find(provider);
  return found == keys_.end() ? nobody : found->second;
}

Chain::Chain(const Prepared& prepared, const config::Route& route, Shared& shared) {
  filters_.push_back(std::make_unique<HopByHop>());
  filters_.push_back(std::make_unique<Forwarded>());
  const config::Authentication& authentication =
      route.authentication ? *route.authentication : prepared.defaults().authentication;
  if (!authentication.is_public()) filters_.push_back(authentication_of(prepared, authentication));
  if (route.rate_limit)
    filters_.push_back(std::make_unique<LimitRate>(route.name, *route.rate_limit, shared.rates));
  filters_.push_back(std::make_unique<Rewrite>(route.request));
  if (route.respond)
    filters_.push_back(std::make_unique<Respond>(*route.respond, parameters_of(route.match.path)));
  if (!route.request.headers.empty() || !route.response.empty())
    filters_.push_back(std::make_unique<EditHeaders>(route.request.headers, route.response,
                                                     parameters_of(route.match.path)));
}

bool Chain::admit(Exchange& exchange) const {
  for (const auto& filter : filters_)
    if (!filter->admit(exchange)) return false;
  return true;
}

void Chain::request(Exchange& exchange) const {
  exchange.request.clear();
  for (const auto& filter : filters_) filter->request(exchange);
}

void Chain::response(Exchange& exchange) const {
  for (const auto& filter : filters_) filter->response(exchange);
}

void bare_response(Exchange& exchange) {
  Forwarded().response(exchange);
}

}  // namespace msctl::gateway::filters
