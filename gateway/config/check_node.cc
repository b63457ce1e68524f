#include "gateway/config/check_node.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/units.h"

namespace msctl::gateway::config {

using base::Code;
using yaml::Node;

void report(base::Errors& errors, const base::Location& at, Code code, std::string message,
            std::string expected, std::string suggestion) {
  errors.push_back({code, std::move(message), at, std::move(expected), std::move(suggestion), {}});
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

void check_authentication(const Node* authentication, base::Errors& errors) {
  if (!authentication || authentication->is_scalar()) return;
  const Node* names = authentication->is_map() ? authentication->find("all") : authentication;
  if (!names) return;
  if (names->items.empty())
    report(errors, names->location(), Code::wrongValue, "the list of providers is empty",
           "names of providers; 'authentication: none' makes it public");
  for (const Node& name : names->items)
    if (name.scalar == "none")
      report(errors, name.location(), Code::wrongValue, "'none' stands in a list of providers",
             "names of providers; 'authentication: none' makes it public");
}

void check_positive(const Node* node, std::string_view key, base::Errors& errors) {
  if (node && base::parse_duration(node->scalar).value_or(base::Duration{1}) <= base::Duration::zero())
    report(errors, node->location(), Code::wrongValue, fmt::format("'{}' is zero", key),
           "a duration above zero, like 2s");
}

}  // namespace msctl::gateway::config
