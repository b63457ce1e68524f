// Waiting until what was applied is ready, or certainly will not be.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/release/release.h"

namespace msctl::kubernetes::deploy {

struct RolloutOptions {
  base::Duration timeout = std::chrono::minutes(5);  // from the first wait on, for all
  std::function<void(const std::string&)> show;
  std::function<bool()> interrupted;
  std::function<base::Result<void>()> still_ours;
  std::function<void(const std::string& part, const std::string& text)> say;
};

// The error of a command that was asked to stop before its release was whole.
base::Error interruption();

// Nothing that speaks against the release: whoever asked to stop, has lost the lock, or cannot reach the
// cluster is not to change anything any more. The next command finishes or undoes.
bool is_undecided(base::Code code);

class Rollout {
public:
  Rollout(Cluster& cluster, const base::Clock& clock, std::string workspace, RolloutOptions options)
      : cluster_(cluster),
        clock_(clock),
        workspace_(std::move(workspace)),
        options_(std::move(options)),
        end_(clock.now() + options_.timeout) {}

  // Until every Deployment and Job of these parts runs, as a whole, what was applied last. Empty: they are
  // ready. Errors: those of the failures, deployTimeout, interrupted, lockLost, the cluster's.
  base::Errors wait(const std::vector<const release::Part*>& parts);

  // One look at what was ready: what of these parts has failed since, for certain. Errors: those of the
  // failures, the cluster's.
  base::Errors glance(const std::vector<const release::Part*>& parts);

private:
  Cluster& cluster_;
  const base::Clock& clock_;
  std::string workspace_;
  RolloutOptions options_;
  base::Instant end_;
};

}  // namespace msctl::kubernetes::deploy
