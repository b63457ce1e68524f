#include <fmt/format.h>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {
namespace {

// The first may have been a burst.
constexpr int too_often = 2;

}  // namespace

MaybeSign out_of_memory(const Evidence& evidence, const Replica& replica) {
  for (const Container& container : replica.containers) {
    if (!unstable(evidence, container) || !container.ended->out_of_memory) continue;
    Sign sign{base::Code::outOfMemory,
              fmt::format("{} was killed as it wanted more memory than {}", subject(replica, container),
                          container.memory > 0 ? "its limit of " + bytes(container.memory) : "the node has"),
              fmt::format("raise 'resources: {{memory: …}}' in service.yaml of {}", evidence.service)};
    const Ended& last = *container.ended;
    const bool soon = !last.started || !last.at || *last.at - *last.started < stable;
    sign.certain = soon && container.ends() >= too_often;
    sign.evidence = {fmt::format("{}: OOMKilled, ended {}", replica.name, times(container.ends()))};
    add_last_words(replica, container, sign.evidence);
    return sign;
  }
  return std::nullopt;
}

}  // namespace msctl::explain::rules
