// Why a request is matched as it is: every route with what holds and what does not. For people and tests, not
// for the data plane.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gateway/config/types.h"

namespace msctl::gateway::router {

struct Candidate {
  std::string route;
  std::string pattern;  // "GET,POST *.shop.example/orders/**"
  bool chosen = false;
  bool fits =
      false;  // all conditions hold (a chosen one fits; one that fits but is not chosen is less specific)
  std::string
      because;  // "path /orders/** does not match /cart", "less specific than 'orders': a shorter prefix"
};

struct Explanation {
  enum class Outcome { found, no_route, method_not_allowed, refused };
  Outcome outcome = Outcome::no_route;
  std::string route;          // found
  std::string target;         // found: "upstream orders" or "respond 403"
  std::string path;           // normalised; empty when refused
  std::string upstream_path;  // found with an upstream: what it is asked for
  std::vector<std::pair<std::string, std::string>> parameters;  // found
  std::string allow;                                            // method_not_allowed
  std::string refused;                                          // refused: why
  std::vector<Candidate> candidates;                            // in the order of precedence
};

// `url`: "http://host/path?query", or "/path?query" with the host among the headers or none.
Explanation explain(const std::vector<config::Route>& routes, const std::string& method,
                    const std::string& url, const std::vector<std::pair<std::string, std::string>>& headers);

// The table as people read it, most specific first.
struct Listed {
  std::string route, host, path, methods, conditions, target, authentication, rate_limit;
};
std::vector<Listed> list(const config::Config& config);

}  // namespace msctl::gateway::router
