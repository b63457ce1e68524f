// A container that does not pass its startup probe, yet or at all.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/units.h"
#include "runtime/explain/rules/probes.h"
#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {
namespace {

// Who had all the time of the probe twice does not need it a third time.
constexpr int too_often = 2;

}  // namespace

MaybeSign startup_probe(const Evidence& evidence, const Replica& replica) {
  const ProbeFailure* failure = failure_of(replica, ProbeKind::startup);
  if (failure == nullptr || replica.ready) return std::nullopt;
  const Probe* probe = probe_of(replica, ProbeKind::startup);
  for (const Container& container : replica.containers) {
    const int kills = container.killed_by_startup;
    // One that ended by itself crashed; that nothing answers any more follows from it.
    if (container.started || (kills == 0 && (container.ends() > 0 || !container.running))) continue;
    Sign sign{base::Code::startupProbeFails, "", msctl(evidence, "logs", kills > 0 ? "--previous" : "")};
    const std::string time = probe != nullptr ? base::to_string(probe->allowance) : std::string("its time");
    sign.sentence = kills > 0 ? fmt::format("{} did not start within {}, {}: {}", subject(replica, container),
                                            time, times(kills), answer(replica, *failure))
                              : fmt::format("{} has not started yet: {}", subject(replica, container),
                                            answer(replica, *failure));
    sign.certain = kills >= too_often;
    sign.evidence = {
        fmt::format("{}: startup probe failed {}: {}", replica.name, times(failure->count), failure->answer)};
    sign.same = answer(replica, *failure);
    add_last_words(replica, container, sign.evidence);
    return sign;
  }
  return std::nullopt;
}

}  // namespace msctl::explain::rules
