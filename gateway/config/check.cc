#include "gateway/config/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "gateway/config/check_node.h"
#include "gateway/config/route_check.h"
#include "runtime/base/names.h"
#include "runtime/base/units.h"

namespace msctl::gateway::config {
namespace {

using base::Code;
using yaml::Node;

// Fields that carry the message's framing or are the connection's own: a route that set them would break the
// protocol.
bool is_framing_field(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kFraming{
      "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "keep-alive", "host"};
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(kFraming, lower) != kFraming.end();
}

void check_field_name(const Node& node, base::Errors& errors) {
  if (!is_token(node.scalar))
    report(errors, node.location(), Code::wrongValue, fmt::format("'{}' is not a field name", node.scalar),
           "letters, digits and '-', like X-Shop");
  else if (is_framing_field(node.scalar))
    report(errors, node.location(), Code::wrongValue,
           fmt::format("the field '{}' is the connection's own", node.scalar),
           "a field that does not frame the message");
}

// {client.address} and the like. Names of path parameters are those of the route's own path.
void check_variables(const Node& value, const std::string& path, base::Errors& errors) {
  std::vector<std::string> known{"client.address", "consumer.name", "request.id", "upstream.replica"};
  for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1))
    known.push_back("path." + path.substr(at + 1, path.find('}', at) - at - 1));
  std::string_view text = value.scalar;
  if (!is_field_value(text))
    report(errors, value.location(), Code::wrongValue, "the value holds a control character",
           "printable text");
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    std::size_t end = text.find('}', at);
    std::string name(
        text.substr(at + 1, end == std::string_view::npos ? std::string_view::npos : end - at - 1));
    if (end == std::string_view::npos)
      return report(errors, value.location(), Code::wrongValue, "a variable's '{' without its '}'",
                    "{request.id}");
    if (std::ranges::find(known, name) == known.end())
      report(errors, value.location(), Code::wrongValue, fmt::format("unknown variable '{{{}}}'", name),
             base::either(known), base::did_you_mean(name, known));
  }
}

// Identity fields tell a replica who was authenticated: no route may make them of anything else.
void check_not_identity(const Node& name, base::Errors& errors) {
  std::string lower(name.scalar);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower.starts_with("x-consumer-") || lower.starts_with("x-claim-"))
    report(errors, name.location(), Code::wrongValue,
           fmt::format("'{}' tells who was authenticated", name.scalar),
           "another field: this one is set by the gateway alone");
}

void check_edits(const Node* edits, const std::string& path, base::Errors& errors) {
  if (!edits) return;
  for (std::string_view key : {"set", "add"})
    if (const Node* map = edits->find(key))
      for (const Node::Entry& entry : map->entries) {
        check_field_name(entry.key, errors);
        check_not_identity(entry.key, errors);
        check_variables(entry.value, path, errors);
      }
  if (const Node* rename = edits->find("rename"))
    for (const Node::Entry& entry : rename->entries) {
      check_field_name(entry.key, errors);
      check_field_name(entry.value, errors);
      check_not_identity(entry.value, errors);
    }
  if (const Node* remove = edits->find("remove"))
    for (const Node& name : remove->items) check_field_name(name, errors);
}

void check_rate_limit(const Node& limit, base::Errors& errors) {
  const Node& window = *limit.find("window");
  if (base::parse_duration(window.scalar).value_or(Duration::zero()) <= Duration::zero())
    report(errors, window.location(), Code::wrongValue, "the window is zero",
           "a duration above zero, like 1m");
  const Node* by = limit.find("by");
  if (!by || by->scalar == "consumer" || by->scalar == "address" || by->scalar == "route") return;
  if (by->scalar.starts_with("header:") && is_token(std::string_view(by->scalar).substr(7))) return;
  const std::vector<std::string> kinds{"consumer", "address", "header:NAME", "route"};
  report(errors, by->location(), Code::wrongValue, fmt::format("'{}' is nothing to count by", by->scalar),
         base::either(kinds), base::did_you_mean(by->scalar, kinds));
}

// RFC 3986 section 3.3, without dot segments: it is sent to replicas as it stands.
bool is_path(std::string_view text) {
  if (!text.starts_with('/')) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c == '%') {
      if (i + 2 >= text.size() || !std::isxdigit(static_cast<unsigned char>(text[i + 1])) ||
          !std::isxdigit(static_cast<unsigned char>(text[i + 2])))
        return false;
    } else if (c >= 0x80 || (!std::isalnum(c) && std::string_view("-._~!$&'()*+,;=:@/").find(text[i]) ==
                                                     std::string_view::npos)) {
      return false;
    }
  }
  std::string closed = std::string(text) + "/";
  return closed.find("/./") == std::string::npos && closed.find("/../") == std::string::npos &&
         text.find("//") == std::string_view::npos;
}

void check_prefix(const Node* prefix, base::Errors& errors) {
  if (prefix && (!is_path(prefix->scalar) || prefix->scalar.find('*') != std::string::npos))
    report(errors, prefix->location(), Code::badPattern,
           fmt::format("'{}' is not a path prefix", prefix->scalar),
           "a path that begins with '/', like /orders");
}

void check_match(const Node& match, base::Errors& errors) {
  if (const Node* headers = match.find("headers"))
    for (const Node::Entry& entry : headers->entries)
      if (!is_token(entry.key.scalar))
        report(errors, entry.key.location(), Code::wrongValue,
               fmt::format("'{}' is not a field name", entry.key.scalar),
               "letters, digits and '-', like X-Beta");
  if (const Node* host = match.find("host")) {
    std::string_view name = host->scalar;
    if (name.starts_with("*.")) name.remove_prefix(2);
    bool fine = !name.empty() && name.front() != '.' && name.find("..") == std::string_view::npos &&
                std::ranges::all_of(name, [](unsigned char c) {
                  return std::isalnum(c) || c == '-' || c == '.' || c == '_';
                });
    if (!fine)
      report(errors, host->location(), Code::badPattern, fmt::format("'{}' is not a host", host->scalar),
             "a host name without port, or '*.' and a host name");
  }
}

std::vector<std::string> names_of(const auto& list) {
  std::vector<std::string> out;
  for (const auto& each : list) out.push_back(each.name);
  return out;
}

void check_providers(const Authentication& authentication, const base::Location& at,
                     const std::vector<std::string>& known, const std::string& subject,
                     base::Errors& errors) {
  for (const std::string& name : authentication.providers)
    if (std::ranges::find(known, name) == known.end())
      report(errors, at, Code::unknownProvider,
             fmt::format("{} names the provider '{}', which does not exist", subject, name),
             known.empty() ? "a provider defined under gateway.authentication" : base::either(known),
             base::did_you_mean(name, known));
}

void check_route_name(const Node* name, base::Errors& errors) {
  if (name && !is_token(name->scalar))
    report(errors, name->location(), Code::wrongValue,
           fmt::format("'{}' is not a route's name", name->scalar), "letters, digits, '-', '_' and '.'");
}

}  // namespace

void check_service_route_node(const Node& route, base::Errors& errors) {
  const Node& match = *route.find("match");
  const std::string& path = match.find("path")->scalar;
  check_match(match, errors);
  check_route_name(route.find("name"), errors);
  check_authentication(route.find("authentication"), errors);
  if (const Node* limit = route.find("rateLimit")) check_rate_limit(*limit, errors);
  if (const Node* request = route.find("request")) {
    check_edits(request->find("headers"), path, errors);
    check_prefix(request->find("stripPrefix"), errors);
    check_prefix(request->find("replacePrefix"), errors);
  }
  if (const Node* response = route.find("response")) check_edits(response->find("headers"), path, errors);
  for (std::string_view key : {"timeout", "idleTimeout"}) check_positive(route.find(key), key, errors);
}

void check_route_node(const Node& route, base::Errors& errors) {
  check_service_route_node(route, errors);
  const Node* upstream = route.find("upstream");
  const Node* respond = route.find("respond");
  if (upstream && respond)
    report(errors, respond->location(), Code::wrongValue, "a route has both 'upstream' and 'respond'",
           "one of the two");
  if (const Node* split = route.find("split")) {
    if (respond)
      report(errors, split->location(), Code::wrongValue, "a route has both 'split' and 'respond'",
             "'split' beside 'upstream'");
    double sum = 0;
    for (const Node::Entry& entry : split->entries)
      sum += base::parse_percentage(entry.value.scalar).value_or(0);
    constexpr double all = 100.0;
    if (sum > all)
      report(errors, split->location(), Code::wrongValue,
             fmt::format("the parts of 'split' are {:g}% together", sum), "at most 100%");
  }
  if (!upstream && !respond)
    report(errors, route.location(), Code::missingKey, "a route has neither 'upstream' nor 'respond'",
           "upstream: NAME, or respond: {status: 403}");
  if (respond)
    if (const Node* headers = respond->find("headers"))
      for (const Node::Entry& entry : headers->entries) {
        check_field_name(entry.key, errors);
        check_variables(entry.value, route.find("match")->find("path")->scalar, errors);
      }
}

void check_upstream(const std::string& name, const base::Location& at,
                    const std::vector<std::string>& upstreams, const std::string& subject,
                    base::Errors& errors) {
  if (name.empty() || std::ranges::find(upstreams, name) != upstreams.end()) return;
  report(errors, at, Code::unknownUpstream,
         fmt::format("{} names the upstream '{}', which does not exist", subject, name),
         upstreams.empty() ? "an upstream" : base::either(upstreams), base::did_you_mean(name, upstreams));
}

void check(const Config& config, base::Errors& errors) {
  std::vector<std::string> providers = names_of(config.authentication);
  std::vector<std::string> upstreams = names_of(config.upstreams);
  check_providers(config.defaults.authentication, config.defaults.at_authentication, providers,
                  "gateway.defaults", errors);
  for (const Route& route : config.routes) {
    std::string subject = fmt::format("the route '{}'", route.name);
    if (route.authentication)
      check_providers(*route.authentication, route.at_authentication, providers, subject, errors);
    const Authentication& authentication =
        route.authentication ? *route.authentication : config.defaults.authentication;
    if (route.rate_limit && route.rate_limit->by == RateLimit::By::consumer && authentication.is_public())
      report(errors, route.at_rate_limit, Code::needsAuthentication,
             fmt::format("{} limits by consumer, but is public", subject),
             "authentication on the route, or by: address, header:NAME or route");
    check_upstream(route.upstream, route.at_upstream, upstreams, subject, errors);
    for (const Share& share : route.split)
      check_upstream(share.upstream, share.at, upstreams, subject, errors);
  }
  check_routes(config.routes, errors);
}

void make_names_unique(std::vector<Route>& routes) {
  std::set<std::string> taken;
  for (Route& route : routes) {
    std::string wanted = route.name;
    for (int number = 2; !taken.insert(route.name).second; ++number)
      route.name = fmt::format("{}-{}", wanted, number);
  }
}

}  // namespace msctl::gateway::config
