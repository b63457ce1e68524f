// A node that ended a Pod as a whole, or never took it: reasons of the kubelet's eviction manager and
// admission
// ("Evicted", "OutOfcpu", "UnexpectedAdmissionError", "NodeAffinity", …).
#include <fmt/format.h>

#include <algorithm>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {
namespace {

constexpr int too_many = 3;

}  // namespace

MaybeSign given_up(const Evidence& evidence, const Replica& replica) {
  if (!replica.given_up) return std::nullopt;
  std::string why = replica.message.empty() ? replica.reason : replica.message;
  while (why.ends_with(' ') || why.ends_with('.')) why.pop_back();
  const bool evicted = replica.reason == "Evicted";
  Sign sign{base::Code::podEvicted,
            evicted ? fmt::format("a node gave up replicas: {}", why)
                    : fmt::format("a node did not take replicas ({}): {}", replica.reason, why),
            kubectl(evidence, fmt::format("describe pod {}", replica.name))};
  sign.evidence.push_back(fmt::format("{} on {}: {}", replica.name, replica.node, replica.reason));
  sign.same = replica.reason;
  for (const Container& container : replica.containers) add_last_words(replica, container, sign.evidence);
  // Each is replaced at once, so that one is no sign of the next.
  sign.certain = std::ranges::count_if(evidence.replicas, [&](const Replica& other) {
                   return other.is_new && other.given_up && other.reason == replica.reason;
                 }) >= too_many;
  return sign;
}

}  // namespace msctl::explain::rules
