// Volumes: events of the kubelet and of the attach-detach controller. What is missing behind a volume has a
// rule of its own (missing_setting).
#include <fmt/format.h>

#include <algorithm>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {

MaybeSign volume(const Evidence& evidence, const Replica& replica) {
  if (replica.ready || !replica.placed) return std::nullopt;
  // Once a container ran, the volumes were there.
  if (std::ranges::any_of(replica.containers, [](const Container& c) { return c.running || c.ended; }))
    return std::nullopt;
  for (const char* reason : {"FailedAttachVolume", "FailedMount", "FailedMapVolume"}) {
    const Event* event = last_event(replica, reason);
    if (event == nullptr) continue;
    auto name = between(event->message, "for volume \"", "\"");
    Sign sign{base::Code::volumeNotMounted,
              name.empty() ? std::string("a volume cannot be mounted")
                           : fmt::format("the volume '{}' cannot be mounted", name),
              kubectl(evidence, fmt::format("describe pod {}", replica.name)),
              {line(*event)}};
    if (has(event->message, "Multi-Attach error")) {
      sign.sentence += ": it is in use on another node";
      sign.cure = "let the old replica go first: strategy Recreate, which msctl gives to what keeps data";
    }
    return sign;
  }
  return std::nullopt;
}

}  // namespace msctl::explain::rules
