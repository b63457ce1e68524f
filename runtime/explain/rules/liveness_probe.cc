// A container that was killed, as it did not answer its liveness probe.
#include <fmt/format.h>

#include "runtime/explain/rules/probes.h"
#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {

MaybeSign liveness_probe(const Evidence& evidence, const Replica& replica) {
  const ProbeFailure* failure = failure_of(replica, ProbeKind::liveness);
  for (const Container& container : replica.containers) {
    const int kills = container.killed_by_liveness;
    // Its end may not have been told yet.
    if (kills == 0 || (container.ends() > 0 && !unstable(evidence, container))) continue;
    Sign sign{base::Code::livenessProbeFails,
              fmt::format("{} was killed {}, as it stopped answering: {}", subject(replica, container),
                          times(kills),
                          failure != nullptr ? answer(replica, *failure) : "its liveness probe failed"),
              msctl(evidence, "logs", "--previous")};
    sign.certain = kills >= hopeless_ends;
    sign.same = failure != nullptr ? answer(replica, *failure) : std::string("killed");
    if (failure != nullptr)
      sign.evidence = {fmt::format("{}: liveness probe failed {}: {}", replica.name, times(failure->count),
                                   failure->answer)};
    add_last_words(replica, container, sign.evidence);
    return sign;
  }
  return std::nullopt;
}

}  // namespace msctl::explain::rules
