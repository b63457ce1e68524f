// What runs once before or after a version: which Jobs are to run, and running them.
//
// A Job has the hash of its spec in its name. One that is there and has ended well is therefore the very
// same, and is not run again: a deploy that was killed and is resumed does not migrate twice. One that has
// ended badly is removed and made again. One that the running release states, and that is not there any more,
// has run.
//
// Going back never runs an older release's Jobs: what a migration has done is not undone by running the one
// before it. Those that nobody wants go as other objects do, and their Pods with them; those that have failed
// stay when a deploy goes back by itself, so that they can be looked at, until the next one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/kubernetes/deploy/fence.h"
#include "runtime/kubernetes/deploy/plan.h"
#include "runtime/kubernetes/deploy/rollout.h"

namespace msctl::kubernetes::deploy {

// How a Job has ended, if it has.
enum class Ended : std::uint8_t { not_yet, well, badly };
Ended ended(const Json& job);

bool is_job(const Ref& ref);

// `wanted` without the Jobs that are neither there nor to be run. `running`: what the running release states.
std::vector<Wanted> without_past_jobs(std::vector<Wanted> wanted, const ByRef& running, const ByRef& live,
                                      bool goes_back);

// Of a plan that was made of them: failed ones are to be made again or, going back, no Job is a step.
void settle_jobs(Plan& plan, bool goes_back);
// Of the plan of a deploy that goes back by itself: what has failed is left where it is.
void keep_failed_jobs(Plan& plan);

// Of a plan what has to be done before a canary of these parts: their Jobs, and what only those need. What
// runs is not touched by it.
Plan jobs_before_canary(const Plan& plan, const std::vector<std::string>& parts);

std::vector<std::string> meaning_of_job(Action action, const Json& before, const Json& after);

// The steps of one part, in the order in which they are taken.
struct Stages {
  std::vector<const Step*> first;   // what the Jobs need; without Jobs to run before it, all of it
  std::vector<const Step*> before;  // Jobs, one after the other
  std::vector<const Step*> then;
  std::vector<const Step*> after;  // Jobs, one after the other, when all is ready
};
Stages stages_of(const std::vector<const Step*>& steps);

// Runs Jobs and waits for them.
class JobRunner {
public:
  using Say = std::function<void(const std::string& part, const std::string& text)>;
  JobRunner(Writer& writer, Rollout& rollout, Say say, const Plan& plan)
      : writer_(writer), rollout_(rollout), say_(std::move(say)), plan_(plan) {}

  // Those of several parts: the first of each at the same time, then the second of each. Errors: those of the
  // failures, jobStillRuns, interrupted, lockLost, the cluster's.
  base::Errors run(const std::vector<std::vector<const Step*>>& of_parts);

private:
  base::Result<void> start(const Step& step);
  base::Result<void> make_room(const Step& step);
  base::Result<void> let_end(const Json& job);

  Writer& writer_;
  Rollout& rollout_;
  Say say_;
  const Plan& plan_;
};

}  // namespace msctl::kubernetes::deploy
