// The objects that a canary adds, made of those of the new version and of the policies around it. What runs
// stays as it is: everything here has a name and labels of its own, so that no selector of the running
// release takes its Pods, and taking it away is deleting it.
#pragma once

#include <vector>

#include "runtime/kubernetes/canary/choice.h"

namespace msctl::kubernetes::canary {

struct Objects {
  // In the order of applying: settings that its Pods refer to, its Service, and policies. A NetworkPolicy
  // only ever allows more, so that those of the running release need no change: what the service's Pods may
  // be asked by the gateway and may ask themselves is allowed to the canary's by policies beside them.
  std::vector<Json> surroundings;
  Json deployment;
};

// Neither an autoscaler nor a disruption budget: the number of replicas follows the share.
Objects objects_of(const Subject& subject, const release::Release& wanted, const release::Release& running);

// So many that each serves as much as one of the `stable` ones does. At least one.
int replicas_for(int percent, int stable);

Json with_replicas(Json deployment, int replicas);

}  // namespace msctl::kubernetes::canary
