#include "runtime/kubernetes/endpoints/endpoints.h"

#include <fmt/format.h>

#include <algorithm>

namespace msctl::kubernetes {
namespace {

constexpr const char* service_label = "kubernetes.io/service-name";

int port_of(const Json& slice) {
  const auto ports = slice.find("ports");
  if (ports == slice.end() || !ports->is_array()) return 0;
  int first = 0;
  for (const Json& port : *ports) {
    if (!port.is_object() || !port.contains("port") || !port["port"].is_number_integer()) continue;
    if (first == 0) first = port["port"].get<int>();
    if (port.value("name", "") == "main") return port["port"].get<int>();
  }
  return first;
}

// "ready" that is not told means yes (the API's own words); one that is ending is never "ready".
bool takes_requests(const Json& endpoint) {
  const auto conditions = endpoint.find("conditions");
  if (conditions == endpoint.end() || !conditions->is_object()) return true;
  const auto ready = conditions->find("ready");
  return ready == conditions->end() || !ready->is_boolean() || ready->get<bool>();
}

std::string address_of(const Json& slice, const std::string& host, int port) {
  return slice.value("addressType", "") == "IPv6" ? fmt::format("[{}]:{}", host, port)
                                                  : fmt::format("{}:{}", host, port);
}

std::string replica_of(const Json& endpoint, const std::string& host) {
  const Json::json_pointer name("/targetRef/name");
  return endpoint.contains(name) ? endpoint.at(name).get<std::string>() : host;
}

void add(const Json& slice, std::vector<gateway::config::Endpoint>& out) {
  const int port = port_of(slice);
  const auto endpoints = slice.find("endpoints");
  if (port == 0 || endpoints == slice.end() || !endpoints->is_array()) return;
  for (const Json& endpoint : *endpoints) {
    if (!takes_requests(endpoint) || !endpoint.contains("addresses") || endpoint["addresses"].empty())
      continue;
    // Several addresses of one endpoint are the same replica.
    const std::string host = endpoint["addresses"][0].get<std::string>();
    gateway::config::Endpoint one;
    one.address = address_of(slice, host, port);
    one.replica = replica_of(endpoint, host);
    // A replica may be in two slices for a while.
    if (std::ranges::none_of(out, [&](const auto& known) { return known.address == one.address; }))
      out.push_back(std::move(one));
  }
}

std::string text_of(const Endpoints& endpoints) {
  std::string out;
  for (const auto& [service, all] : endpoints) {
    out += service + ":";
    for (const auto& each : all) out += each.address + " ";
  }
  return out;
}

}  // namespace

Endpoints endpoints_of(const std::vector<const Json*>& slices) {
  Endpoints out;
  for (const Json* slice : slices) {
    const std::string service = label(*slice, service_label);
    if (!service.empty() && slice->value("addressType", "") != "FQDN") add(*slice, out[service]);
  }
  for (auto& [service, all] : out) std::ranges::sort(all, {}, &gateway::config::Endpoint::address);
  return out;
}

Answer<void> follow_endpoints(Cluster& cluster, const std::function<void(const Endpoints&)>& changed,
                              const std::function<bool()>& go_on) {
  std::map<std::string, Json> slices;
  bool whole = false;
  std::string told;
  auto look = [&] {
    std::vector<const Json*> all;
    for (const auto& [uid, slice] : slices) all.push_back(&slice);
    const Endpoints now = endpoints_of(all);
    if (std::string text = text_of(now); text != told || !whole) {
      told = std::move(text);
      changed(now);
    }
  };
  return cluster.watch(
      {{{"discovery.k8s.io/v1", "EndpointSlice", {}}, {}}},
      [&](const WatchEvent& event) {
        if (event.kind == WatchEvent::Kind::synced) {
          look();
          whole = true;
          return true;
        }
        if (event.kind == WatchEvent::Kind::removed)
          slices.erase(uid_of(event.object));
        else
          slices[uid_of(event.object)] = event.object;
        if (whole) look();
        return true;
      },
      go_on);
}

}  // namespace msctl::kubernetes
