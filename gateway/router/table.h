// Routes compiled into an immutable table, and the match of a request against it.
//
// The order is the contract's: host exact, then wildcard (longest first), then none; within a host, path
// exact, then with parameters (literal segments from the left count more), then the longest prefix; within a
// path, a named method before any, then more header conditions, more query conditions, then the order of the
// file. The most specific path decides: when routes there hold in all but the method, the answer is 405, and
// nothing less specific is tried. Routes whose header or query conditions do not hold are as if they were not
// there.
//
// HEAD is taken where GET is. A pattern's host has any case; "*.shop.example" stands for any number of labels
// before it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/types.h"
#include "gateway/http1/head.h"

namespace msctl::gateway::router {

inline constexpr std::size_t max_parameters = 16;

struct Parameters {
  std::array<std::string_view, max_parameters> values;  // in the order of the pattern; slices of the path
  std::size_t size = 0;
};

// What a route is chosen by.
struct Request {
  std::string_view method;
  http1::Method method_id = http1::Method::other;
  std::string_view host;   // without port
  std::string_view path;   // normalised
  std::string_view query;  // raw
  const http1::Fields* fields = nullptr;
};

struct Match {
  enum class Kind : std::uint8_t { found, no_route, method_not_allowed };
  Kind kind = Kind::no_route;
  std::uint32_t route = 0;  // found: index into the configuration's routes
  std::string_view allow;   // method_not_allowed: the value of Allow; lives in `room`
  Parameters parameters;    // found
  std::array<char, 512> room;
};

class Table {
public:
  // The routes have passed check_routes. Keeps what it needs of them; indices are those of `routes`.
  explicit Table(const std::vector<config::Route>& routes);
  Table(Table&&) noexcept;
  Table& operator=(Table&&) noexcept;
  ~Table();

  void match(const Request& request, Match& match) const;

  // Names of the pattern's parameters, in its order.
  const std::vector<std::string>& parameter_names(std::uint32_t route) const;

  // Indices of all routes, most specific first.
  std::vector<std::uint32_t> by_precedence() const;

private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace msctl::gateway::router
