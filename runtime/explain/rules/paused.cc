// A Deployment that somebody paused takes no new version, and says nothing of it.
#include <fmt/format.h>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {

MaybeSign paused(const Evidence& evidence) {
  if (!evidence.paused) return std::nullopt;
  return Sign{base::Code::rolloutPaused,
              "the rollout is paused, and nobody but who paused it goes on with it",
              kubectl(evidence, fmt::format("rollout resume deployment {}", evidence.service)),
              {fmt::format("Deployment/{}: spec.paused is true", evidence.service)},
              true};
}

}  // namespace msctl::explain::rules
