// What a HorizontalPodAutoscaler has decided last, and why.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

#include "runtime/release/status.h"

namespace msctl::kubernetes::judge {

// Of several metrics the one that asks for the most replicas, as the controller takes it
// (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details). The number
// from which it went is not kept by the object; it is the one that runs now, until the new one is reached.
release::Autoscaler autoscaler_of(const nlohmann::json& object);

// That it cannot read what the gateway counts, and so leaves the number of replicas as it is: a condition
// "Scalable" that is false (metricUnread), with the cure. Nothing while all is well, or something else bars
// it.
std::optional<release::Condition> unread_metric(const nlohmann::json& object, const std::string& environment);

}  // namespace msctl::kubernetes::judge
