// A canary: the new version of some services beside the one that runs, with a growing share of the traffic,
// for as long as nothing speaks against it.
//
//   objects of the canary → for each share: replicas, weights, in force at every gateway, then readings and a
//   judgement, over and over → passed: its requests stay with it, and the rollout begins
//                             → not: first the weights back, then the objects away
//
// The running release is not touched but for the gateway's ConfigMap. Everything that is made has the labels
// of the workspace, so that, when this process dies anywhere, the next deploy or rollback finds it and puts
// back the ConfigMap, without knowing that there was a canary.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "runtime/kubernetes/canary/choice.h"
#include "runtime/kubernetes/canary/course.h"
#include "runtime/kubernetes/canary/objects.h"
#include "runtime/kubernetes/canary/report.h"
#include "runtime/kubernetes/deploy/fence.h"
#include "runtime/kubernetes/deploy/gateways.h"
#include "runtime/kubernetes/deploy/pace.h"
#include "runtime/kubernetes/deploy/plan.h"
#include "runtime/kubernetes/deploy/rollout.h"
#include "runtime/release/release.h"

namespace msctl::kubernetes::deploy {

struct TrialOptions {
  canary::Request request;
  RolloutOptions rollout;  // its time-out: for the replicas of each share to become ready
  std::function<void(base::Duration)> sleep;
};

class Trial {
public:
  Trial(Cluster& cluster, const base::Clock& clock, Writer& writer, const release::Release& wanted,
        const release::Release& running, canary::Choice choice, TrialOptions options);

  // Before anything is changed: whether the gateways can be asked, and what the server says of the objects.
  // Errors: those of Gateways::check and of the dry run.
  base::Errors check(const ByRef& live);

  // Empty: every share has passed. Otherwise all requests go to the running release again and the canary is
  // gone, unless the error is one after which nothing more may be changed (is_undecided). Errors:
  // canaryWorse, canaryUndecided, weightsNotInForce, those of replicas that fail, badMetricsText,
  // badCounters, the cluster's.
  base::Errors run();

  // What was tried so far, for the record.
  Json report() const;
  bool has_passed() const { return passed_; }

private:
  base::Errors all_steps();
  base::Errors surround();
  base::Errors step(int percent, canary::Step& report);
  base::Errors give_replicas(int percent, canary::Step& report);
  base::Errors give_weight(int percent);
  base::Errors watch(canary::Step& report);
  base::Result<std::map<std::string, std::vector<analysis::Reading>>> read(base::Instant began);
  base::Errors verdict(const canary::Course& course, canary::Course::State state) const;
  base::Errors abort(base::Errors problems);
  base::Result<void> remove_objects();
  void say_open(const canary::Course& course) const;
  void show(int percent, const canary::Course& course) const;
  void say(const std::string& subject, const std::string& text) const;
  release::Part part_of_canaries() const;

  Cluster& cluster_;
  const base::Clock& clock_;
  Writer& writer_;
  const release::Release& running_;
  canary::Choice choice_;
  TrialOptions options_;
  Json configuration_;                              // the ConfigMap of the running release
  std::map<std::string, canary::Objects> objects_;  // by service
  Pace pace_;
  Gateways gateways_;
  std::vector<canary::Step> steps_;
  int percent_ = 0;  // that the gateways were told last
  bool passed_ = false;
};

// The number of replicas that a Deployment is told to have.
int replicas_of(const Json& deployment);
// Of each service that is tried, as it runs now.
std::map<std::string, int> stable_replicas(const canary::Choice& choice, const ByRef& live);

// Whether a step takes away something of a canary.
bool is_of_canary(const Step& step);
// Until no gateway serves anything but the configuration of this release; not for ever, and not where the
// gateways cannot be asked: by then they have had time. Errors: interrupted, lockLost.
base::Result<void> wait_for_gateways(Cluster& cluster, const release::Release& release, const Pace& pace);

}  // namespace msctl::kubernetes::deploy
