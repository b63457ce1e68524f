// The rules. One of a replica says what is wrong with that one; one of the service what concerns it as a
// whole.
#pragma once

#include "runtime/explain/rules/sign.h"

namespace msctl::explain::rules {

// Of the service.
MaybeSign paused(const Evidence& evidence);
MaybeSign once(const Evidence& evidence);
MaybeSign quota(const Evidence& evidence);
MaybeSign refused(const Evidence& evidence);
MaybeSign late(const Evidence& evidence);

// Of a replica.
MaybeSign given_up(const Evidence& evidence, const Replica& replica);
MaybeSign node_gone(const Evidence& evidence, const Replica& replica);
MaybeSign unschedulable(const Evidence& evidence, const Replica& replica);
MaybeSign image_pull(const Evidence& evidence, const Replica& replica);
MaybeSign missing_setting(const Evidence& evidence, const Replica& replica);
MaybeSign runs_as_root(const Evidence& evidence, const Replica& replica);
MaybeSign volume(const Evidence& evidence, const Replica& replica);
MaybeSign pod_network(const Evidence& evidence, const Replica& replica);
MaybeSign wrong_machine(const Evidence& evidence, const Replica& replica);
MaybeSign cannot_start(const Evidence& evidence, const Replica& replica);
MaybeSign out_of_memory(const Evidence& evidence, const Replica& replica);
MaybeSign read_only(const Evidence& evidence, const Replica& replica);
MaybeSign startup_probe(const Evidence& evidence, const Replica& replica);
MaybeSign liveness_probe(const Evidence& evidence, const Replica& replica);
MaybeSign crash(const Evidence& evidence, const Replica& replica);
MaybeSign readiness_probe(const Evidence& evidence, const Replica& replica);
MaybeSign not_ready(const Evidence& evidence, const Replica& replica);

}  // namespace msctl::explain::rules
