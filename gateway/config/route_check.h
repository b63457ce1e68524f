// Finds what is wrong with routes as a set: patterns that are not valid (badPattern), two that match the same
// requests with the same precedence (routeConflict), and those that another always comes before
// (routeUnreachable).
#pragma once

#include <vector>

#include "gateway/config/types.h"

namespace msctl::gateway::config {

void check_routes(const std::vector<Route>& routes, base::Errors& errors);

}  // namespace msctl::gateway::config
