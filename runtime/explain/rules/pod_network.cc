// The sandbox of a Pod, which holds its network, could not be made.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {

MaybeSign pod_network(const Evidence&, const Replica& replica) {
  if (replica.ready || std::ranges::any_of(replica.containers, &Container::running)) return std::nullopt;
  const Event* event = last_event(replica, "FailedCreatePodSandBox");
  if (event == nullptr) return std::nullopt;
  return Sign{
      base::Code::podNetworkFails,
      fmt::format("the node {} cannot set up a Pod: {}", replica.node, without_prefixes(event->message)),
      fmt::format("kubectl describe node {}", replica.node),
      {fmt::format("{}: {}", replica.name, line(*event))},
      false,
      replica.node};
}

}  // namespace msctl::explain::rules
