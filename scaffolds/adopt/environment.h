// From what Compose says of services to needs, variables and secrets: services find each other by the
// addresses that msctl gives them, not by the names of containers.
#pragma once

#include <string>
#include <vector>

#include "scaffolds/adopt/service.h"

namespace msctl::scaffolds::adopt {

// Sets needs, env, secrets and exports of every service that a Compose file knows. `services`: with names.
void find_environment(Reader& reader, std::vector<Service>& services);

// A service of an image alone, as a backing service.
Service backing_service(const ComposeService& compose);

// Whether an image is one of those that others keep their data in, or talk through.
bool is_known_backing(const std::string& image);

}  // namespace msctl::scaffolds::adopt
