// Nothing is wrong that one could see, but it takes its time.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "runtime/base/units.h"
#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {
namespace {

std::string ago(const Evidence& evidence, const When& when) {
  return base::to_string(std::chrono::duration_cast<std::chrono::seconds>(evidence.now - *when));
}

}  // namespace

MaybeSign not_ready(const Evidence& evidence, const Replica& replica) {
  if (replica.ready || evidence.once || !passed(evidence, replica.created, grace)) return std::nullopt;
  Sign sign{base::Code::podNotReady, "", kubectl(evidence, fmt::format("describe pod {}", replica.name))};
  auto running = std::ranges::find_if(
      replica.containers, [](const Container& c) { return c.running && !c.ready && !c.prepares; });
  auto preparing =
      std::ranges::find_if(replica.containers, [](const Container& c) { return c.running && c.prepares; });
  if (preparing != replica.containers.end()) {
    sign.sentence = fmt::format("{} has not finished", subject(replica, *preparing));
  } else if (running != replica.containers.end()) {
    if (!passed(evidence, running->since, grace)) return std::nullopt;
    sign.sentence = fmt::format("{} runs, and is not ready", subject(replica, *running));
    sign.evidence = {fmt::format("{} runs for {}", replica.name, ago(evidence, running->since))};
    add_last_words(replica, *running, sign.evidence);
    return sign;
  } else {
    sign.sentence = replica.placed ? "a replica is still being made" : "a replica waits for a node";
  }
  sign.evidence = {fmt::format("{} was created {} ago", replica.name, ago(evidence, replica.created))};
  for (const Event& event : replica.events)
    if (&event == &replica.events.back()) sign.evidence.push_back(line(event));
  return sign;
}

}  // namespace msctl::explain::rules
