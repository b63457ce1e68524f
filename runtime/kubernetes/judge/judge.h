// Whether a rollout is done, and if not, why: from the objects and the time, without asking anybody.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/explain/evidence.h"
#include "runtime/explain/finding.h"
#include "runtime/kubernetes/judge/objects.h"
#include "runtime/release/status.h"

namespace msctl::kubernetes::judge {

// Log lines that explain something are worth one more question to the API server.
struct Words {
  std::string pod;
  std::string container;
  bool previous = false;  // of the run before the present one (?previous=true)
  int restarts = 0;       // a later run has other last words

  auto operator<=>(const Words&) const = default;
};
// Which of them a judgement would use now. Few: at most three replicas of the new version.
std::vector<Words> words_wanted(const Subject& subject);
// What was answered; absent ones are no error.
using LastWords = std::map<Words, std::string>;

struct Context {
  base::WallTime now;
  std::string environment;  // "staging": for the commands that are recommended
  LastWords last_words = {};
};

struct Rollout {
  enum class Phase {
    unseen,  // the controller has not looked at what was applied yet
    under_way,
    done,
    failed  // for certain: waiting longer changes nothing
  };
  std::string service;
  std::string job;  // "migrate"; empty: a Deployment, or a Job that is of no service
  Phase phase = Phase::unseen;
  long generation = 0;
  long observed = 0;
  std::string replica_set;    // the one of the version that was applied last; empty before it is made
  std::string template_hash;  // its label pod-template-hash
  int wanted = 0;
  int existing = 0;   // of all versions
  int updated = 0;    // of the new version
  int ready = 0;      // of all versions
  int available = 0;  // of all versions
  bool autoscaled = false;
  bool paused = false;
  std::string progress;                    // "1 of 3 new replicas are available"; "complete" when it is done
  std::vector<explain::Finding> findings;  // the most telling first; empty when done

  bool done() const { return phase == Phase::done; }
  bool failed() const { return phase == Phase::failed; }
};

// Of a Deployment, decided as `kubectl rollout status` does; of a Job: done when it is complete.
Rollout progress_of(const Subject& subject, const Context& context);

// What `msctl status -e ENV` tells of a Deployment; `needs` is left empty.
release::ServiceStatus status_of(const Subject& subject, const Context& context);

// What the rules see.
explain::Evidence evidence_of(const Subject& subject, const Context& context);

}  // namespace msctl::kubernetes::judge
