// Putting a release into a cluster, as a sequence of steps each of which can be taken again:
//
//   lock → what is there → dry run of everything → plan → canary, where one is asked for (trial.h)
//   → waves (needs first, parallel within) → judgement
//   → what is to go → recorded
//
// The number of the release stands in the lock as `pending` before anything is changed, and its record, with
// all objects, in the cluster. A command that is killed leaves both; the next one - any deploy or rollback,
// from any machine - finds them, sees what is there, and puts what it itself wants in its place: nothing that
// the killed one made is lost sight of.
#pragma once

#include <functional>
#include <optional>

#include "runtime/base/clock.h"
#include "runtime/kubernetes/canary/choice.h"
#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/kubernetes/deploy/plan.h"
#include "runtime/kubernetes/deploy/secrets.h"
#include "runtime/kubernetes/lock/lock.h"
#include "runtime/release/release.h"

namespace msctl::kubernetes::deploy {

struct Options {
  // The values of the secrets of these parts, where the deploy brings them.
  SecretValues secrets;
  // Tried with a part of the traffic first. Without: rolled out at once.
  std::optional<canary::Request> canary;
  base::Duration timeout = std::chrono::minutes(5);  // for all waves together
  base::Duration lock_timeout = std::chrono::minutes(5);
  std::size_t keep = 20;  // releases

  // What happens, as it happens.
  std::function<void(const release::Moment&)> say;
  // The state of what is waited for: "orders 1/3, payments: pulling its image".
  std::function<void(const std::string&)> show;
  // Whether to go on with this plan. Errors: those of asking.
  std::function<base::Result<bool>(const Plan&)> consent;
  std::function<bool()> interrupted;
  // Makes `interrupted` forget what has come so far, so that a canary can be taken back. May be empty: then
  // it stays.
  std::function<void()> go_on;
  std::function<void(base::Duration)> sleep;
};

struct Done {
  release::Release release;  // as it was recorded; with id 0 where nothing was to do
  Plan plan;
  bool declined = false;
};

// `wanted`: its parts, and who, what and where. Parts of the running release that it does not have are kept,
// unless it is `whole`. Errors: of the cluster, deployLocked, lockLost, foreignObject; deployFailed and
// rollbackFailed with what was wrong in front of them; interrupted.
std::expected<Done, base::Errors> deploy(Cluster& cluster, const base::Clock& clock, release::Release wanted,
                                         bool whole, const Options& options);

struct Preview {
  Plan plan;
  Json canary;  // as canary::plan_json has it; null: there is none
};

// What it would change, without a lock: nothing is written. Errors: of the cluster, foreignObject, and of
// canary::choose.
std::expected<Preview, base::Errors> preview(Cluster& cluster, release::Release wanted, bool whole,
                                             const std::optional<canary::Request>& canary = {},
                                             const SecretValues& secrets = {});

}  // namespace msctl::kubernetes::deploy
