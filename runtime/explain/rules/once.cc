// A job: it may fail as often as it is allowed to, and take as long; then it has failed for good.
#include <fmt/format.h>

#include "runtime/base/units.h"
#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {
namespace {

constexpr std::string_view too_late = "DeadlineExceeded";

// In the words of https://kubernetes.io/docs/concepts/workloads/controllers/job/.
std::string why(const Once& once) {
  if (once.reason == too_late) {
    const std::string limit = once.limit > base::Duration{} ? " of " + base::to_string(once.limit) : "";
    return once.name.empty() ? "it took longer than its activeDeadlineSeconds"
                             : fmt::format("it took longer than its timeout{}, and was ended", limit);
  }
  if (once.reason == "BackoffLimitExceeded") {
    const std::string often = times(std::max(once.failures, 1));
    return once.name.empty() ? fmt::format("it ended badly {}, as often as its backoffLimit allows", often)
                             : fmt::format("it ended badly {}, as often as it may", often);
  }
  if (once.reason == "PodFailurePolicy") return "its podFailurePolicy counts what happened as a failure";
  return once.message.empty() ? once.reason : once.message;
}

std::string title(const Once& once) {
  return once.name.empty() ? "the job" : fmt::format("the job {}", once.name);
}

// Of the run that ended last or, where none has ended badly, of one that still runs.
void add_last_run(const Evidence& evidence, Sign& sign) {
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
    return;
  }
  if (!sign.certain) return;
  for (const Replica& replica : evidence.replicas)
    for (const Container& container : replica.containers)
      if (container.running) add_last_words(replica, container, sign.evidence);
}

}  // namespace

MaybeSign once(const Evidence& evidence) {
  if (!evidence.once || (!evidence.once->failed && evidence.once->failures == 0)) return std::nullopt;
  const Once& once = *evidence.once;
  const std::string& object = once.object.empty() ? evidence.service : once.object;
  Sign sign{once.reason == too_late ? base::Code::jobLate : base::Code::jobFailed,
            "",
            kubectl(evidence, fmt::format("logs job/{} --all-pods", object)),
            {},
            once.failed};
  sign.sentence = sign.certain
                      ? fmt::format("{} failed: {}", title(once), why(once))
                      : fmt::format("{} failed {} and is tried again", title(once), times(once.failures));
  add_last_run(evidence, sign);
  return sign;
}

}  // namespace msctl::explain::rules
