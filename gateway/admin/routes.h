// The routes of a configuration as the administrative interface and `gateway routes -o json` show them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "gateway/config/types.h"

namespace msctl::gateway::admin {

// {"routes": [{"route", "host", "path", "methods", "conditions", "target", "authentication", "rateLimit"}]},
// most specific first.
nlohmann::ordered_json routes_json(const config::Config& config);

}  // namespace msctl::gateway::admin
