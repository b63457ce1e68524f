// A Pod and the events about it, as a replica.
#pragma once

#include "runtime/explain/evidence.h"
#include "runtime/kubernetes/judge/objects.h"

namespace msctl::kubernetes::judge {

// Without last words, and without what the node is told to have.
explain::Replica replica_of(const Json& pod, const Objects& events);

explain::Event event_of(const Json& event);

// What a Pod of this spec asks a node for: the sum over its containers, or what one that prepares needs more.
std::int64_t cpu_of(const Json& pod_spec);
std::int64_t memory_of(const Json& pod_spec);

}  // namespace msctl::kubernetes::judge
