// Which of a Deployment's ReplicaSets is the one of the version that was applied last.
#pragma once

#include "runtime/kubernetes/judge/objects.h"

namespace msctl::kubernetes::judge {

// As the Deployment controller finds it: the oldest one with the Deployment's template, but for the label
// that it adds (k8s.io/kubernetes, pkg/controller/deployment/util, FindNewReplicaSet). Null before it is
// made.
const Json* new_replica_set(const Subject& subject);

bool is_job(const Subject& subject);

// Out of these events, those about that object.
Objects events_about(const Subject& subject, const Json& object);

}  // namespace msctl::kubernetes::judge
