#include "gateway/router/conditions.h"

#include <algorithm>
#include <tuple>

namespace msctl::gateway::router {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Takes one decoded character off the front of a query's name or value.
char take_decoded(std::string_view& text) {
  char c = text[0];
  if (c == '%' && text.size() >= 3 && digit(text[1]) >= 0 && digit(text[2]) >= 0) {
    c = static_cast<char>(digit(text[1]) * 16 + digit(text[2]));
    text.remove_prefix(3);
    return c;
  }
  text.remove_prefix(1);
  return c == '+' ? ' ' : c;
}

bool decodes_to(std::string_view encoded, std::string_view plain) {
  for (char c : plain)
    if (encoded.empty() || take_decoded(encoded) != c) return false;
  return encoded.empty();
}

}  // namespace

MethodFit fit_method(const std::vector<std::string>& methods, std::string_view method) {
  if (methods.empty()) return MethodFit::any;
  MethodFit fit = MethodFit::none;
  for (const std::string& each : methods) {
    if (each == method) return MethodFit::named;
    if (each == "GET" && method == "HEAD") fit = MethodFit::head_as_get;
  }
  return fit;
}

bool field_holds(const http1::Fields& fields, std::string_view name, std::string_view value) {
  bool found = false;
  for (const http1::Field& field : fields) {
    if (!http1::same_name(field.name, name)) continue;
    if (found || field.value != value) return false;
    found = true;
  }
  return found;
}

bool query_holds(std::string_view query, std::string_view name, std::string_view value) {
  while (!query.empty()) {
    std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    std::size_t equals = std::min(pair.find('='), pair.size());
    if (decodes_to(pair.substr(0, equals), name))
      return decodes_to(pair.substr(std::min(equals + 1, pair.size())), value);
  }
  return false;
}

bool host_fits(std::string_view pattern, std::string_view host) {
  if (pattern.empty()) return true;
  if (!pattern.starts_with("*.")) return http1::same_name(pattern, host);
  pattern.remove_prefix(1);
  return host.size() > pattern.size() && http1::same_name(host.substr(host.size() - pattern.size()), pattern);
}

bool Conditions::hold(const http1::Fields* fields, std::string_view query) const {
  for (const auto& [name, value] : headers_)
    if (!fields || !field_holds(*fields, name, value)) return false;
  for (const auto& [name, value] : query_)
    if (!query_holds(query, name, value)) return false;
  return true;
}

bool Conditions::more_specific_than(const Conditions& other) const {
  auto key = [](const Conditions& each) {
    return std::tuple(!each.methods_.empty(), each.headers_.size(), each.query_.size());
  };
  return key(*this) > key(other);
}

}  // namespace msctl::gateway::router
