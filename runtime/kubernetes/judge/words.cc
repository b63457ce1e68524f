#include "runtime/kubernetes/judge/words.h"

#include <algorithm>

#include "runtime/kubernetes/judge/fields.h"
#include "runtime/kubernetes/judge/pod.h"
#include "runtime/kubernetes/judge/versions.h"

namespace msctl::kubernetes::judge {
namespace {

constexpr std::size_t enough = 3;

bool said_nothing(const explain::Container& container) {
  return container.ended &&
         (container.ended->reason == "StartError" || container.ended->reason == "ContainerCannotRun");
}

// The API server gives those of the run before only if there is one after it, or if one is waited for.
bool is_previous(const Json& pod, const explain::Container& container) {
  for (const char* list : {"status.initContainerStatuses", "status.containerStatuses"})
    for (const Json& status : at(pod, list))
      if (text(status, "name") == container.name)
        return !at(status, "state.terminated").is_object() && at(status, "lastState.terminated").is_object();
  return false;
}

// What still runs of a Job that has failed is ended now, and says no more.
bool has_failed(const Json& job) {
  return text(condition(job, "Failed"), "status") == "True" ||
         text(condition(job, "FailureTarget"), "status") == "True";
}

}  // namespace

std::vector<Words> words_wanted(const Subject& subject) {
  std::vector<Words> out;
  const Json* set = is_job(subject) ? nullptr : new_replica_set(subject);
  if (!is_job(subject) && set == nullptr) return out;
  const bool failed = is_job(subject) && has_failed(*subject.object);
  for (const Json* pod : subject.pods) {
    if (out.size() >= enough) break;
    if (set != nullptr && controller(*pod) != text(*set, "metadata.uid")) continue;
    const explain::Replica replica = replica_of(*pod, {});
    if ((replica.stopping && !failed) || replica.given_up) continue;
    for (const explain::Container& container : replica.containers) {
      const bool well = container.ended && container.ended->exit_code == 0 && container.ended->signal == 0;
      const bool ends = container.prepares || is_job(subject);
      const bool troubled = container.ended ? !said_nothing(container) && !(ends && well)
                                            : container.running && (!container.ready || failed);
      if (!troubled) continue;
      out.push_back({replica.name, container.name, is_previous(*pod, container), container.restarts});
      break;
    }
  }
  return out;
}

void add_last_words(const LastWords& words, explain::Replica& replica) {
  for (explain::Container& container : replica.containers) {
    int latest = -1;
    for (const auto& [which, said] : words)
      if (which.pod == replica.name && which.container == container.name && which.restarts > latest) {
        container.last_words = said;
        latest = which.restarts;
      }
  }
}

}  // namespace msctl::kubernetes::judge
