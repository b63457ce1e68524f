// A configuration as the file that load_file reads: what `decode` takes apart, put together again.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "gateway/config/types.h"

namespace msctl::gateway::config {

// Every setting that is in force, also where it is the default; of a route, what it states. Decoding it gives
// an equal configuration.
nlohmann::ordered_json to_json(const Config& config);

}  // namespace msctl::gateway::config
