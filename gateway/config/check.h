// What a schema cannot say: addresses and networks by their grammar, names that must exist, settings that
// need each other.
#pragma once

#include "gateway/config/types.h"
#include "runtime/base/error.h"
#include "runtime/base/yaml/node.h"

namespace msctl::gateway::config {

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080": a host and a port from 0 to 65535.
void check_address(const yaml::Node& node, base::Errors& errors);

// "10.0.0.0/8", "fd00::/8", or one address.
void check_network(const yaml::Node& node, base::Errors& errors);

// At most one listener on an address.
void check_listeners(const yaml::Node* listeners, base::Errors& errors);

// Limits under which no request could be served.
void check_limits(const yaml::Node* limits, base::Errors& errors);

void check_defaults(const yaml::Node* defaults, base::Errors& errors);

// An address or a socket, and one of them.
void check_admin(const yaml::Node& admin, base::Errors& errors);

// Addresses that can be connected to, each once.
void check_endpoints(const yaml::Node& endpoints, base::Errors& errors);

// "none" says that a route is public, so that no provider can have that name.
void check_provider_name(const yaml::Node& name, base::Errors& errors);

// An entry of a file of keys: what stands in X-Consumer-Name and X-Consumer-Groups, and a key that no entry
// in `before` has.
void check_key(const yaml::Node& entry, const std::vector<ApiKey>& before, base::Errors& errors);

// What is wrong within one route, by its marks: upstream or respond, `by`, header names and values,
// variables.
void check_route_node(const yaml::Node& route, base::Errors& errors);

// The same for a route of a service, which has neither upstream nor respond.
void check_service_route_node(const yaml::Node& route, base::Errors& errors);

// The configuration as a whole: providers, upstreams, limits by consumer, clashing routes.
void check(const Config& config, base::Errors& errors);

// A second route of the same name becomes "name-2", and so on.
void make_names_unique(std::vector<Route>& routes);

}  // namespace msctl::gateway::config
