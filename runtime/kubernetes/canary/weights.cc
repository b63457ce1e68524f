#include "runtime/kubernetes/canary/weights.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/base/units.h"
#include "runtime/base/yaml/node.h"
#include "runtime/base/yaml/write.h"
#include "runtime/kubernetes/objects/ref.h"

namespace msctl::kubernetes::canary {
namespace {

using Ordered = nlohmann::ordered_json;

// As it stands: what is quoted is a text, what is not may be a number.
Ordered value_of(const yaml::Node& node) {
  if (node.is_map()) {
    Ordered out = Ordered::object();
    for (const yaml::Node::Entry& entry : node.entries) out[entry.key.scalar] = value_of(entry.value);
    return out;
  }
  if (node.is_list()) {
    Ordered out = Ordered::array();
    for (const yaml::Node& item : node.items) out.push_back(value_of(item));
    return out;
  }
  if (node.is_null()) return nullptr;
  if (node.quoted) return node.scalar;
  Ordered plain = Ordered::parse(node.scalar, nullptr, false);
  const bool same = (plain.is_number() || plain.is_boolean()) && plain.dump() == node.scalar;
  return same ? plain : Ordered(node.scalar);
}

std::unexpected<base::Error> unreadable(const Json& config_map, const std::string& why) {
  return base::fail(base::Code::noCanary, fmt::format("{} has no {} that can be read: {}",
                                                      ref_of(config_map).text(), gateway_file, why));
}

base::Result<Ordered> take_apart(const Json& config_map) {
  const std::string text = file_of(config_map);
  const yaml::Document document = yaml::parse(gateway_file, text);
  if (!document.errors.empty()) return unreadable(config_map, document.errors.front().message);
  if (!document.root.is_map()) return unreadable(config_map, "it is no map");
  return value_of(document.root);
}

// The service's own part of a route's requests, in percent.
double own_share(const Ordered& route) {
  double out = 100;
  if (const auto split = route.find("split"); split != route.end() && split->is_object())
    for (const auto& [upstream, share] : split->items())
      if (share.is_string()) out -= base::parse_percentage(share.get<std::string>()).value_or(0);
  return out;
}

std::string text_of(const Ordered& map, const char* key) {
  const auto found = map.find(key);
  return found != map.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// "orders:8080" → "orders-canary:8080".
Ordered renamed(const Ordered& endpoint, const Subject& subject) {
  const std::string address = endpoint.is_string() ? endpoint.get<std::string>() : "";
  const std::size_t colon = address.rfind(':');
  return colon == std::string::npos ? endpoint : Ordered(subject.name + address.substr(colon));
}

void split(Ordered& configuration, const Subject& subject, int percent) {
  for (Ordered& route : configuration["routes"]) {
    if (text_of(route, "upstream") != subject.service) continue;
    const std::string share = fmt::format("{:g}%", own_share(route) * percent / 100);
    Ordered& split = route["split"];
    if (!split.is_object()) split = Ordered::object();
    split[subject.name] = share;
  }
  const auto upstreams = configuration.find("upstreams");
  if (upstreams == configuration.end() || !upstreams->contains(subject.service)) return;
  Ordered upstream = (*upstreams)[subject.service];
  if (upstream.contains("endpoints"))
    for (Ordered& endpoint : upstream["endpoints"]) endpoint = renamed(endpoint, subject);
  (*upstreams)[subject.name] = std::move(upstream);
}

}  // namespace

std::string file_of(const Json& config_map) {
  const auto data = config_map.find("data");
  return data == config_map.end() || !data->is_object() ? std::string() : data->value(gateway_file, "");
}

base::Result<Routes> routes_of(const Json& config_map) {
  auto configuration = take_apart(config_map);
  if (!configuration) return std::unexpected(configuration.error());
  Routes out;
  if (const auto routes = configuration->find("routes"); routes != configuration->end() && routes->is_array())
    for (const Ordered& route : *routes)
      if (const std::string upstream = text_of(route, "upstream"); !upstream.empty())
        out[upstream].push_back(text_of(route, "name"));
  return out;
}

base::Result<Json> with_weights(const Json& config_map, const std::vector<Subject>& subjects, int percent) {
  auto configuration = take_apart(config_map);
  if (!configuration) return std::unexpected(configuration.error());
  if (!configuration->contains("routes")) return unreadable(config_map, "it has no routes");
  for (const Subject& subject : subjects) split(*configuration, subject, percent);
  Json out = config_map;
  out["data"][gateway_file] = yaml::write(*configuration);
  return out;
}

}  // namespace msctl::kubernetes::canary
