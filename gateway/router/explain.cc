#include "gateway/router/explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "gateway/path/normalise.h"
#include "gateway/path/pattern.h"
#include "gateway/router/conditions.h"
#include "gateway/router/table.h"

namespace msctl::gateway::router {
namespace {

struct Url {
  std::string host, path, query;
};

// "http://host:port/path?query" or "/path?query".
Url split_url(std::string_view url) {
  Url out;
  if (std::size_t scheme = url.find("://");
      scheme != std::string_view::npos && url.find_first_of("/?") > scheme) {
    url.remove_prefix(scheme + 3);
    std::string_view authority = url.substr(0, url.find_first_of("/?#"));
    url.remove_prefix(authority.size());
    out.host = std::string(authority);
  }
  url = url.substr(0, url.find('#'));
  std::size_t mark = std::min(url.find('?'), url.size());
  out.path = mark == 0 ? "/" : std::string(url.substr(0, mark));
  if (mark < url.size()) out.query = std::string(url.substr(mark + 1));
  return out;
}

std::string without_port(std::string_view authority) {
  std::size_t close = authority.find(']');
  std::string host(authority.substr(0, authority.find(':', close == std::string_view::npos ? 0 : close)));
  if (host.size() > 1 && host.ends_with('.')) host.pop_back();
  return host;
}

std::string pattern_text(const config::Match& match) {
  std::string methods = match.methods.empty() ? "" : fmt::format("{} ", fmt::join(match.methods, ","));
  return methods + match.host + match.path;
}

bool path_fits(const std::string& text, std::string_view path) {
  auto pattern = path::parse_pattern(text);
  if (!pattern) return false;
  for (const path::Segment& segment : pattern->segments) {
    if (path.empty()) return false;
    path.remove_prefix(1);
    std::string_view part = path.substr(0, path.find('/'));
    if (segment.parameter ? part.empty() : part != segment.text) return false;
    path.remove_prefix(part.size());
  }
  return path.empty() || pattern->prefix;
}

// Why a route does not fit; empty if it does.
std::string misfit(const config::Match& match, const Request& request) {
  if (!host_fits(match.host, request.host)) {
    if (request.host.empty())
      return fmt::format("it asks for the host {}, and the request has none", match.host);
    return fmt::format("the host {} is not {}", request.host, match.host);
  }
  if (!path_fits(match.path, request.path))
    return fmt::format("the path {} does not match {}", request.path, match.path);
  for (const auto& [name, value] : match.headers)
    if (!field_holds(*request.fields, name, value)) {
      const http1::Field* field = request.fields->find(name);
      return field ? fmt::format("the field {} is '{}', not '{}'", name, field->value, value)
                   : fmt::format("the field {} is missing", name);
    }
  for (const auto& [name, value] : match.query)
    if (!query_holds(request.query, name, value)) return fmt::format("the query has no {}={}", name, value);
  if (fit_method(match.methods, request.method) == MethodFit::none)
    return fmt::format("the method {} is not one of {}", request.method, fmt::join(match.methods, ", "));
  return "";
}

std::string describe_target(const config::Route& route) {
  return route.respond ? fmt::format("respond {}", route.respond->status)
                       : fmt::format("upstream {}", route.upstream);
}

std::string stripped(const config::RequestEdits& edits, std::string_view path) {
  std::string_view prefix = edits.strip_prefix;
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/'))
    path.remove_prefix(prefix.size());
  std::string_view front = edits.replace_prefix;
  while (front.ends_with('/')) front.remove_suffix(1);
  std::string out = std::string(front) + std::string(path);
  return out.empty() ? "/" : out;
}

void explain_candidates(const std::vector<config::Route>& routes, const Table& table, const Request& request,
                        const Match& match, Explanation& out) {
  for (std::uint32_t index : table.by_precedence()) {
    const config::Route& route = routes[index];
    Candidate candidate{route.name, pattern_text(route.match), false, false, misfit(route.match, request)};
    candidate.fits = candidate.because.empty();
    candidate.chosen = match.kind == Match::Kind::found && match.route == index;
    if (candidate.chosen)
      candidate.because = "all conditions hold, and no route that fits is more specific";
    else if (candidate.fits && match.kind == Match::Kind::found)
      candidate.because = fmt::format("it fits, but '{}' is more specific", routes[match.route].name);
    else if (candidate.fits)
      candidate.because = "it fits, but the most specific path decides, and that does not take the method";
    out.candidates.push_back(std::move(candidate));
  }
}

}  // namespace

Explanation explain(const std::vector<config::Route>& routes, const std::string& method,
                    const std::string& url, const std::vector<std::pair<std::string, std::string>>& headers) {
  Explanation out;
  Url parts = split_url(url);
  auto fields = std::make_unique<http1::Fields>();
  for (const auto& [name, value] : headers) {
    if (http1::same_name(name, "Host")) parts.host = parts.host.empty() ? value : parts.host;
    fields->add({name, value, http1::classify(name)});
  }
  std::vector<char> scratch(path::room(parts.path.size()) + 1);
  auto normal = path::normalise(parts.path, scratch);
  if (!normal || !path::valid_query(parts.query)) {
    out.outcome = Explanation::Outcome::refused;
    out.refused = normal ? "The query holds a character that must be percent-encoded."
                         : std::string(path::describe(normal.error()));
    return out;
  }
  out.path = std::string(*normal);
  std::string host = without_port(parts.host);
  Table table(routes);
  Request request{method, http1::Method::other, host, out.path, parts.query, fields.get()};
  auto match = std::make_unique<Match>();
  table.match(request, *match);
  switch (match->kind) {
    case Match::Kind::no_route:
      break;
    case Match::Kind::method_not_allowed:
      out.outcome = Explanation::Outcome::method_not_allowed;
      out.allow = std::string(match->allow);
      break;
    case Match::Kind::found: {
      const config::Route& route = routes[match->route];
      out.outcome = Explanation::Outcome::found;
      out.route = route.name;
      out.target = describe_target(route);
      if (!route.respond)
        out.upstream_path =
            stripped(route.request, out.path) + (parts.query.empty() ? "" : "?" + parts.query);
      const auto& names = table.parameter_names(match->route);
      for (std::size_t i = 0; i < match->parameters.size; ++i)
        out.parameters.emplace_back(names[i], match->parameters.values[i]);
    }
  }
  explain_candidates(routes, table, request, *match, out);
  return out;
}

}  // namespace msctl::gateway::router
