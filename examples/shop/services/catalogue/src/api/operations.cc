// The routes for those who operate the service: health, metrics, the description.
#include <nlohmann/json.hpp>

#include "api/api.h"
#include "openapi.h"

namespace app {
namespace {

http::Response health(int status, const nlohmann::ordered_json& body) {
  return {status, {{"Content-Type", "application/json"}}, body.dump()};
}

}  // namespace

// The process serves. It asks nobody else: a restart does not bring Redis back.
http::Response Api::live(const Call&) { return health(200, {{"status", "live"}}); }

// Whether requests should be sent here.
http::Response Api::ready(const Call& call) {
  if (draining_()) return health(503, {{"status", "unready"}, {"failed", "shutdown"}});
  try {
    store_.ping();
  } catch (const StoreUnavailable& error) {
    log_.write(Level::debug, "redis does not answer", &call.trace, {{"error", error.what()}});
    return health(503, {{"status", "unready"}, {"failed", "redis"}});
  }
  return health(200, {{"status", "ready"}});
}

http::Response Api::metrics_text(const Call&) {
  return {200, {{"Content-Type", "text/plain; version=0.0.4"}}, metrics_.text()};
}

http::Response Api::document(const Call&) {
  return {200, {{"Content-Type", "application/yaml"}}, std::string(openapi)};
}

}  // namespace app
