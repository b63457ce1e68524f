// What of a route is not its host and path: methods, fields and query parameters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/config/types.h"
#include "gateway/http1/head.h"

namespace msctl::gateway::router {

// How well a route's methods fit; the higher the more specific.
enum class MethodFit : std::uint8_t { none, any, head_as_get, named };

MethodFit fit_method(const std::vector<std::string>& methods, std::string_view method);

// The field stands in the request exactly once, with exactly this value.
bool field_holds(const http1::Fields& fields, std::string_view name, std::string_view value);

// The first parameter of this name, percent-decoded ('+' as a space), has exactly this value.
bool query_holds(std::string_view query, std::string_view name, std::string_view value);

// "*.shop.example" and "Shop.example" against a host without port, any case.
bool host_fits(std::string_view pattern, std::string_view host);

class Conditions {
public:
  Conditions() = default;
  explicit Conditions(const config::Match& match)
      : methods_(match.methods), headers_(match.headers), query_(match.query) {}

  bool hold(const http1::Fields* fields, std::string_view query) const;
  MethodFit fit(std::string_view method) const { return fit_method(methods_, method); }
  const std::vector<std::string>& methods() const { return methods_; }

  // Before `other` in the order of the contract, as far as conditions go; the order of the file decides the
  // rest.
  bool more_specific_than(const Conditions& other) const;

private:
  std::vector<std::string> methods_;
  std::vector<std::pair<std::string, std::string>> headers_, query_;
};

}  // namespace msctl::gateway::router
