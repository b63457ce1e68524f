// A job: it may fail as often as it is allowed to, then it has failed for good.
#include <fmt/format.h>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {
namespace {

// In the words of https://kubernetes.io/docs/concepts/workloads/controllers/job/.
std::string why(const Once& once) {
  if (once.reason == "DeadlineExceeded") return "it took longer than its activeDeadlineSeconds";
  if (once.reason == "BackoffLimitExceeded")
    return fmt::format("it ended badly {}, as often as its backoffLimit allows",
                       times(std::max(once.failures, 1)));
  if (once.reason == "PodFailurePolicy") return "its podFailurePolicy counts what happened as a failure";
  return once.message.empty() ? once.reason : once.message;
}

}  // namespace

MaybeSign once(const Evidence& evidence) {
  if (!evidence.once || (!evidence.once->failed && evidence.once->failures == 0)) return std::nullopt;
  Sign sign{base::Code::jobFailed,
            "",
            kubectl(evidence, fmt::format("logs job/{} --all-pods", evidence.service)),
            {},
            evidence.once->failed};
  sign.sentence = sign.certain
                      ? fmt::format("the job failed: {}", why(*evidence.once))
                      : fmt::format("the job failed {} and is tried again", times(evidence.once->failures));
  // The run that ended last has the last word.
  const Replica* last = nullptr;
  const Container* words = nullptr;
  for (const Replica& replica : evidence.replicas)
    for (const Container& container : replica.containers)
      if (container.ended && (container.ended->exit_code != 0 || container.ended->signal != 0) &&
          (words == nullptr || words->ended->at <= container.ended->at)) {
        last = &replica;
        words = &container;
      }
  if (words != nullptr) {
    sign.evidence.push_back(fmt::format("{} ended with {}{}", last->name, how(*words->ended),
                                        words->ended->out_of_memory ? ": out of memory" : ""));
    add_last_words(*last, *words, sign.evidence);
  }
  return sign;
}

}  // namespace msctl::explain::rules
