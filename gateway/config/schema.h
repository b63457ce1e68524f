// The format of the gateway's configuration. It stands under `gateway:` in msctl.yaml, in a service's
// `routes`, and as the root of the file that `msctl gateway run --config` takes.
#pragma once

#include "runtime/base/schema/schema.h"

namespace msctl::gateway::config {

// What stands under `gateway:` of msctl.yaml.
schema::TypePtr gateway_schema();

// A file for `msctl gateway run`: the same, with `upstreams`.
schema::TypePtr gateway_file_schema();

// One route of a service.yaml: its upstream is the service.
schema::TypePtr service_route_schema();

// A file of API keys.
schema::TypePtr key_file_schema();

}  // namespace msctl::gateway::config
