// What a HorizontalPodAutoscaler has decided last, and why.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "runtime/release/status.h"

namespace msctl::kubernetes::judge {

// Of several metrics the one that asks for the most replicas, as the controller takes it
// (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details). The number
// from which it went is not kept by the object; it is the one that runs now, until the new one is reached.
release::Autoscaler autoscaler_of(const nlohmann::json& object);

}  // namespace msctl::kubernetes::judge
