// The time is over, and nothing else tells why.
#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {

MaybeSign late(const Evidence& evidence) {
  if (evidence.late.empty()) return std::nullopt;
  return Sign{base::Code::rolloutLate,
              "the rollout does not go on, and its time is over",
              kubectl(evidence, "describe deployment " + evidence.service),
              {evidence.late},
              true};
}

}  // namespace msctl::explain::rules
