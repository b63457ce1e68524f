// What the three rules of probes have in common.
#pragma once

#include "runtime/explain/rules/sign.h"

namespace msctl::explain::rules {

const Probe* probe_of(const Replica& replica, ProbeKind kind);
// The failure that was told last.
const ProbeFailure* failure_of(const Replica& replica, ProbeKind kind);

// "GET /health/ready on port 8080 answers 503", "…: nothing listens there".
std::string answer(const Replica& replica, const ProbeFailure& failure);

}  // namespace msctl::explain::rules
