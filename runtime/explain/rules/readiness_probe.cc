#include <fmt/format.h>

#include "runtime/explain/rules/probes.h"
#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {

MaybeSign readiness_probe(const Evidence& evidence, const Replica& replica) {
  const ProbeFailure* failure = failure_of(replica, ProbeKind::readiness);
  if (failure == nullptr || replica.ready || evidence.once) return std::nullopt;
  for (const Container& container : replica.containers) {
    if (!container.running || container.ready || container.prepares) continue;
    Sign sign{base::Code::readinessProbeFails,
              fmt::format("{} is not ready: {}", subject(replica, container), answer(replica, *failure)),
              msctl(evidence, "logs")};
    sign.evidence = {fmt::format("{}: readiness probe failed {}: {}", replica.name, times(failure->count),
                                 failure->answer)};
    add_last_words(replica, container, sign.evidence);
    return sign;
  }
  return std::nullopt;
}

}  // namespace msctl::explain::rules
