#include "gateway/config/print.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/base/units.h"

namespace msctl::gateway::config {
namespace {

using Json = nlohmann::ordered_json;
using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string text(Duration duration) {
  return base::to_string(duration);
}

Json object(const Pairs& pairs) {
  Json out = Json::object();
  for (const auto& [name, value] : pairs) out[name] = value;
  return out;
}

// Adds what is not empty.
void put(Json& to, const char* key, Json value) {
  if (!value.empty()) to[key] = std::move(value);
}

void put(Json& to, const char* key, const std::string& value) {
  if (!value.empty()) to[key] = value;
}

Json print_edits(const HeaderEdits& edits) {
  Json out = Json::object();
  put(out, "set", object(edits.set));
  put(out, "add", object(edits.add));
  put(out, "remove", Json(edits.remove));
  put(out, "rename", object(edits.rename));
  return out;
}

Json print_authentication(const Authentication& authentication) {
  if (authentication.is_public()) return "none";
  if (authentication.all) return {{"all", authentication.providers}};
  return authentication.providers;
}

Json print_match(const Match& match) {
  Json out{{"path", match.path}};
  put(out, "methods", Json(match.methods));
  put(out, "host", match.host);
  put(out, "headers", object(match.headers));
  put(out, "query", object(match.query));
  return out;
}

std::string print_by(const RateLimit& limit) {
  switch (limit.by) {
    case RateLimit::By::consumer:
      return "consumer";
    case RateLimit::By::header:
      return "header:" + limit.header;
    case RateLimit::By::route:
      return "route";
    case RateLimit::By::address:
      break;
  }
  return "address";
}

Json print_respond(const Respond& respond) {
  Json out{{"status", respond.status}};
  put(out, "body", respond.body);
  put(out, "headers", object(respond.headers));
  return out;
}

Json print_route(const Route& route) {
  Json out{{"name", route.name}, {"match", print_match(route.match)}};
  put(out, "upstream", route.upstream);
  Json split = Json::object();
  for (const Share& share : route.split) split[share.upstream] = fmt::format("{:g}%", share.percent);
  put(out, "split", std::move(split));
  if (route.respond) out["respond"] = print_respond(*route.respond);
  if (route.authentication) out["authentication"] = print_authentication(*route.authentication);
  if (route.rate_limit)
    out["rateLimit"] = {{"quota", route.rate_limit->quota},
                        {"window", text(route.rate_limit->window)},
                        {"by", print_by(*route.rate_limit)}};
  Json request = Json::object();
  put(request, "stripPrefix", route.request.strip_prefix);
  put(request, "replacePrefix", route.request.replace_prefix);
  put(request, "headers", print_edits(route.request.headers));
  put(out, "request", std::move(request));
  if (!route.response.empty()) out["response"] = {{"headers", print_edits(route.response)}};
  if (route.timeout) out["timeout"] = text(*route.timeout);
  if (route.idle_timeout) out["idleTimeout"] = text(*route.idle_timeout);
  return out;
}

Json print_limits(const Limits& limits) {
  return {{"headerTimeout", text(limits.header_timeout)},
          {"bodyTimeout", text(limits.body_timeout)},
          {"keepAliveTimeout", text(limits.keep_alive_timeout)},
          {"headerBytes", base::size_to_string(limits.header_bytes)},
          {"bodyBytes", base::size_to_string(limits.body_bytes)}};
}

std::string_view print_balancing(Balancing balancing) {
  return balancing == Balancing::alternate ? "alternate" : "leastRequest";
}

Json print_upstreams(const std::vector<Upstream>& upstreams) {
  Json out = Json::object();
  for (const Upstream& upstream : upstreams) {
    Json& endpoints = out[upstream.name]["endpoints"] = Json::array();
    for (const Endpoint& endpoint : upstream.endpoints) endpoints.push_back(endpoint.address);
  }
  return out;
}

}  // namespace

Json to_json(const Config& config) {
  Json out = Json::object();
  Json listeners = Json::array();
  for (const Listener& listener : config.listeners) listeners.push_back({{"address", listener.address}});
  put(out, "listeners", std::move(listeners));
  out["limits"] = print_limits(config.limits);
  Json providers = Json::object();
  for (const Provider& provider : config.authentication)
    providers[provider.name]["apiKey"] = {{"header", provider.header}, {"keys", provider.keys_file}};
  put(out, "authentication", std::move(providers));
  out["defaults"] = {{"authentication", print_authentication(config.defaults.authentication)},
                     {"balancing", print_balancing(config.defaults.balancing)},
                     {"timeout", text(config.defaults.timeout)},
                     {"connectTimeout", text(config.defaults.connect_timeout)},
                     {"idleTimeout", text(config.defaults.idle_timeout)}};
  Json routes = Json::array();
  for (const Route& route : config.routes) routes.push_back(print_route(route));
  put(out, "routes", std::move(routes));
  put(out, "upstreams", print_upstreams(config.upstreams));
  if (config.admin) {
    Json& admin = out["admin"] = Json::object();
    put(admin, "address", config.admin->address);
    put(admin, "socket", config.admin->socket);
  }
  put(out, "trustedProxies", Json(config.trusted_proxies));
  out["accessLog"] = config.access_log;
  return out;
}

}  // namespace msctl::gateway::config
