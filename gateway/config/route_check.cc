#include "gateway/config/route_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "gateway/path/pattern.h"
#include "runtime/base/text.h"

namespace msctl::gateway::config {
namespace {

using base::Code;
using Pairs = std::vector<std::pair<std::string, std::string>>;

void report(base::Errors& errors, const Route& route, Code code, std::string message,
            std::string expected = {}, std::string suggestion = {}) {
  errors.push_back({code, std::move(message), route.at, std::move(expected), std::move(suggestion), {}});
}

// The pattern with its parameters' names left out: two of one shape match the same paths.
std::string shape_of(const path::Pattern& pattern) {
  std::string shape;
  for (const path::Segment& segment : pattern.segments)
    shape += '/' + (segment.parameter ? "{}" : segment.text);
  return shape + (pattern.prefix ? "/**" : "");
}

Pairs sorted(Pairs pairs, bool any_case) {
  for (auto& [name, value] : pairs)
    if (any_case) name = base::lower(name);
  std::ranges::sort(pairs);
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

// A name that is asked to have two values at once; empty if there is none. `pairs` are sorted.
std::string contradiction(const Pairs& pairs) {
  auto at = std::ranges::adjacent_find(pairs, {}, &std::pair<std::string, std::string>::first);
  return at == pairs.end() ? "" : at->first;
}

void check_methods(const Route& route, base::Errors& errors) {
  static constexpr std::array<std::string_view, 8> known{"GET",    "HEAD",  "POST",    "PUT",
                                                         "DELETE", "PATCH", "OPTIONS", "TRACE"};
  for (const std::string& method : route.match.methods) {
    std::string upper(method);
    std::ranges::transform(upper, upper.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c; });
    if (method != upper && std::ranges::find(known, upper) != known.end())
      report(errors, route, Code::routeUnreachable,
             fmt::format("the route '{}' names the method '{}', which no client sends", route.name, method),
             "a method in capitals", fmt::format("did you mean '{}'?", upper));
    if (method == "CONNECT" && route.match.methods.size() == 1)
      report(errors, route, Code::routeUnreachable,
             fmt::format("the route '{}' takes only CONNECT, which the gateway does not serve", route.name),
             "other methods");
  }
}

// Whether nothing is left for `later`: the order decides between two that both name a method, and one that
// names it comes before one for any.
bool takes_all_of(const Route& earlier, const Route& later) {
  if (later.match.methods.empty()) return earlier.match.methods.empty();
  return std::ranges::all_of(later.match.methods, [&](const std::string& each) {
    return std::ranges::find(earlier.match.methods, each) != earlier.match.methods.end();
  });
}

// Routes that only their methods can tell apart.
struct Key {
  std::string host, shape;
  Pairs headers, query;
  auto operator<=>(const Key&) const = default;
};

std::string place_of(const Route& route) {
  return route.at.file.empty() ? "" : fmt::format(" ({}:{})", route.at.file, route.at.line);
}

}  // namespace

void check_routes(const std::vector<Route>& routes, base::Errors& errors) {
  std::map<Key, std::vector<const Route*>> alike;
  for (const Route& route : routes) {
    auto pattern = path::parse_pattern(route.match.path);
    if (!pattern) {
      report(errors, route, Code::badPattern, pattern.error().message, pattern.error().expected,
             pattern.error().suggestion);
      continue;
    }
    check_methods(route, errors);
    Key key{base::lower(route.match.host), shape_of(*pattern), sorted(route.match.headers, true),
            sorted(route.match.query, false)};
    for (const Pairs* pairs : {&key.headers, &key.query})
      if (std::string name = contradiction(*pairs); !name.empty())
        report(errors, route, Code::routeUnreachable,
               fmt::format("the route '{}' asks '{}' to have two values at once, so it can never match",
                           route.name, name),
               "one value for each name");
    std::vector<const Route*>& others = alike[key];
    for (const Route* other : others)
      if (takes_all_of(*other, route)) {
        report(errors, route, Code::routeConflict,
               fmt::format(
                   "the route '{}' can never match: '{}'{} takes all that it would, and stands before it",
                   route.name, other->name, place_of(*other)),
               "conditions that differ in host, path, methods, headers or query");
        break;
      }
    others.push_back(&route);
  }
}

}  // namespace msctl::gateway::config
