#include "gateway/traffic/document.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace msctl::gateway::traffic {
namespace {

using Json = nlohmann::json;

// No gateway answers more in half a minute; a sum of some of them still fits.
constexpr std::uint64_t most = std::uint64_t{1} << 48;

std::unexpected<base::Error> wrong(const std::string& what) {
  return base::fail(base::Code::badCounters, "what the gateway tells of its traffic cannot be read: " + what,
                    "let all gateways be of one release");
}

bool count_at(const Json& from, const char* key, std::uint64_t& to) {
  const auto found = from.find(key);
  if (found == from.end() || !found->is_number_unsigned()) return false;
  to = found->get<std::uint64_t>();
  return to <= most;
}

bool rate_at(const Json& from, const char* key, double& to) {
  const auto found = from.find(key);
  if (found == from.end() || !found->is_number()) return false;
  to = found->get<double>();
  return std::isfinite(to) && to >= 0 && to <= static_cast<double>(most);
}

bool same_bounds(const Json& told) {
  return told.is_array() &&
         std::ranges::equal(told, bounds, [](const Json& a, double b) { return a.is_number() && a == b; });
}

bool buckets_of(const Json& told, Buckets& to) {
  if (!told.is_array() || told.size() != to.size()) return false;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (!told[i].is_number_unsigned()) return false;
    to[i] = told[i].get<std::uint64_t>();
    if (to[i] > most) return false;
  }
  return true;
}

bool flow_of(const Json& told, Flow& to) {
  return told.is_object() && count_at(told, "requests", to.requests) && count_at(told, "errors", to.errors) &&
         count_at(told, "inFlight", to.in_flight) && rate_at(told, "requestsPerSecond", to.per_second) &&
         rate_at(told, "errorsPerSecond", to.errors_per_second) && told.contains("buckets") &&
         buckets_of(told["buckets"], to.buckets);
}

}  // namespace

std::string to_json(const Traffic& traffic) {
  Json upstreams = Json::object();
  for (const auto& [name, flow] : traffic.upstreams)
    upstreams[name] = {{"requests", flow.requests},
                       {"errors", flow.errors},
                       {"requestsPerSecond", flow.per_second},
                       {"errorsPerSecond", flow.errors_per_second},
                       {"inFlight", flow.in_flight},
                       {"buckets", flow.buckets}};
  const Json out{
      {"schema", 1}, {"seconds", traffic.seconds}, {"bounds", bounds}, {"upstreams", std::move(upstreams)}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

base::Result<Traffic> from_json(std::string_view text) {
  const Json told = Json::parse(text, nullptr, false);
  if (!told.is_object() || told.value("schema", Json()) != 1) return wrong("it is no document of schema 1");
  Traffic out;
  if (!rate_at(told, "seconds", out.seconds)) return wrong("it does not say of how many seconds");
  if (!told.contains("bounds") || !same_bounds(told["bounds"])) return wrong("its buckets are others");
  const auto upstreams = told.find("upstreams");
  if (upstreams == told.end() || !upstreams->is_object()) return wrong("it names no upstreams");
  for (const auto& [name, each] : upstreams->items())
    if (!flow_of(each, out.upstreams[name])) return wrong("the numbers of one upstream are none");
  return out;
}

}  // namespace msctl::gateway::traffic
