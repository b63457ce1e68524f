#include <fmt/format.h>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {

MaybeSign node_gone(const Evidence&, const Replica& replica) {
  if (replica.node_trouble.empty() || replica.ready) return std::nullopt;
  return Sign{base::Code::nodeGone,
              fmt::format("the node {} does not answer", replica.node),
              fmt::format("kubectl describe node {}", replica.node),
              {fmt::format("{}: {}", replica.name, replica.node_trouble)}};
}

}  // namespace msctl::explain::rules
