// ResourceQuota: `exceeded quota: small, requested: pods=1,requests.cpu=1, used: pods=3,requests.cpu=3,
// limited: pods=3,requests.cpu=3`, and `failed quota: small: must specify limits.cpu for: orders`
// (k8s.io/apiserver, plugin/pkg/admission/resourcequota/controller.go).
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {
namespace {

using Amounts = std::vector<std::pair<std::string, std::string>>;

Amounts amounts(std::string_view text) {
  Amounts out;
  while (!text.empty()) {
    const std::size_t end = text.find(',');
    const std::string_view one = text.substr(0, end);
    if (const std::size_t equals = one.find('='); equals != std::string_view::npos)
      out.emplace_back(one.substr(0, equals), one.substr(equals + 1));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

std::string amount(const Amounts& all, const std::string& name) {
  auto found = std::ranges::find(all, name, &Amounts::value_type::first);
  return found == all.end() ? "?" : found->second;
}

// "pods: 1 more is asked for, and 3 of 3 are used".
std::string used_up(std::string_view message) {
  const Amounts asked = amounts(between(message, "requested: ", ", used: "));
  const Amounts used = amounts(between(message, "used: ", ", limited: "));
  const Amounts limit = amounts(between(message, "limited: ", ""));
  std::string out;
  for (const auto& [name, value] : asked)
    out += fmt::format("{}{}: {} asked for, {} of {} used", out.empty() ? "" : "; ", name, value,
                       amount(used, name), amount(limit, name));
  return out;
}

}  // namespace

MaybeSign quota(const Evidence& evidence) {
  for (const Refused& refused : evidence.refused) {
    const std::string_view message = refused.message;
    Sign sign{base::Code::quotaExceeded, "", kubectl(evidence, "describe quota"), {refused.message}};
    if (auto name = between(message, "exceeded quota: ", ","); !name.empty()) {
      sign.sentence = fmt::format("the quota '{}' leaves no room for a Pod more: {}", name, used_up(message));
      // What is being stopped still counts, and will not for long.
      const bool room_to_come = std::ranges::any_of(evidence.replicas, &Replica::stopping);
      sign.certain = !room_to_come && passed(evidence, refused.since, grace);
      return sign;
    }
    if (auto name = between(message, "failed quota: ", ":"); !name.empty()) {
      sign.sentence = fmt::format("the quota '{}' takes only Pods that state what they need: {}", name,
                                  between(message, fmt::format("failed quota: {}: ", name), ""));
      sign.certain = true;
      return sign;
    }
  }
  return std::nullopt;
}

}  // namespace msctl::explain::rules
