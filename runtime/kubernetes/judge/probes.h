// What a Pod's probes ask, and what the kubelet's events say of their answers.
#pragma once

#include <vector>

#include "runtime/explain/evidence.h"
#include "runtime/kubernetes/judge/objects.h"

namespace msctl::kubernetes::judge {

// Of the first container that has probes: the service's.
std::vector<explain::Probe> probes_of(const Json& pod);

// Of events with the reason "Unhealthy".
std::vector<explain::ProbeFailure> probe_failures(const std::vector<explain::Event>& events);

}  // namespace msctl::kubernetes::judge
