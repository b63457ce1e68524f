// Traffic as the administrative interface tells it (GET /traffic), and as others read it:
//
//   {"schema": 1, "seconds": 30.2, "bounds": [0.0005, …, 10], "upstreams": {"orders": {"requests": 604,
//    "errors": 2, "requestsPerSecond": 20, "errorsPerSecond": 0.07, "inFlight": 3, "buckets": [0, …]}}}
//
// `buckets` is one longer than `bounds`, each with the requests of its own alone.
#pragma once

#include <string>
#include <string_view>

#include "gateway/traffic/traffic.h"
#include "runtime/base/error.h"

namespace msctl::gateway::traffic {

std::string to_json(const Traffic& traffic);

// Of a gateway that may be another version. Errors: badCounters, also where its buckets are others than ours:
// such counts cannot be added.
base::Result<Traffic> from_json(std::string_view text);

}  // namespace msctl::gateway::traffic
