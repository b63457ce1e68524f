#include "gateway/admin/routes.h"

#include <nlohmann/json.hpp>

#include "gateway/router/explain.h"

namespace msctl::gateway::admin {

nlohmann::ordered_json routes_json(const config::Config& config) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& each : router::list(config))
    list.push_back({{"route", each.route},
                    {"host", each.host},
                    {"path", each.path},
                    {"methods", each.methods},
                    {"conditions", each.conditions},
                    {"target", each.target},
                    {"authentication", each.authentication},
                    {"rateLimit", each.rate_limit}});
  return {{"routes", std::move(list)}};
}

}  // namespace msctl::gateway::admin
