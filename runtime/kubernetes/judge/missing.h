// Secrets and ConfigMaps that a Pod waits for.
#pragma once

#include <vector>

#include "runtime/explain/evidence.h"
#include "runtime/kubernetes/judge/objects.h"

namespace msctl::kubernetes::judge {

// By what its containers wait for, and by the events about its volumes; `replica`: what is known of it so
// far.
std::vector<explain::Missing> missing_of(const Json& pod, const explain::Replica& replica);

}  // namespace msctl::kubernetes::judge
