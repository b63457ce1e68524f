// Putting a plan into effect: wave by wave, each judged before the next; what is to go, last.
#pragma once

#include <functional>
#include <string>

#include "runtime/kubernetes/deploy/fence.h"
#include "runtime/kubernetes/deploy/plan.h"
#include "runtime/kubernetes/deploy/rollout.h"
#include "runtime/release/release.h"

namespace msctl::kubernetes::deploy {

struct Carrying {
  std::function<bool()> interrupted;  // may be empty
  std::function<void(const std::string& part, const std::string& text)> say;
  // When all is ready, and something is to go. Errors end it.
  std::function<base::Result<void>()> before_removal = {};
};

// `release`: what the plan leads to, for its waves. Empty: all of it is there and ready. Errors: those of the
// failures, interrupted, lockLost, the cluster's.
base::Errors carry_out(const release::Release& release, const Plan& plan, Writer& writer, Rollout& rollout,
                       const Carrying& options);

}  // namespace msctl::kubernetes::deploy
