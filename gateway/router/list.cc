#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gateway/router/explain.h"
#include "gateway/router/table.h"
#include "runtime/base/units.h"

namespace msctl::gateway::router {
namespace {

std::string conditions_of(const config::Match& match) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : match.headers) parts.push_back(fmt::format("{}: {}", name, value));
  for (const auto& [name, value] : match.query) parts.push_back(fmt::format("?{}={}", name, value));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string authentication_of(const config::Authentication& authentication) {
  if (authentication.is_public()) return "none";
  return fmt::format("{}", fmt::join(authentication.providers, authentication.all ? " and " : " or "));
}

std::string rate_limit_of(const config::Route& route) {
  if (!route.rate_limit) return "";
  const config::RateLimit& limit = *route.rate_limit;
  std::string by = limit.by == config::RateLimit::By::consumer  ? "consumer"
                   : limit.by == config::RateLimit::By::address ? "address"
                   : limit.by == config::RateLimit::By::route   ? "route"
                                                                : "header:" + limit.header;
  return fmt::format("{} per {} by {}", limit.quota, base::to_string(limit.window), by);
}

}  // namespace

std::vector<Listed> list(const config::Config& config) {
  std::vector<Listed> out;
  for (std::uint32_t index : Table(config.routes).by_precedence()) {
    const config::Route& route = config.routes[index];
    const config::Match& match = route.match;
    out.push_back({route.name, match.host.empty() ? "*" : match.host, match.path,
                   match.methods.empty() ? "*" : fmt::format("{}", fmt::join(match.methods, ",")),
                   conditions_of(match),
                   route.respond ? fmt::format("respond {}", route.respond->status) : route.upstream,
                   authentication_of(route.authentication.value_or(config.defaults.authentication)),
                   rate_limit_of(route)});
  }
  return out;
}

}  // namespace msctl::gateway::router
