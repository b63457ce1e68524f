// What is within a Pod: the same strictness for services, backing services and the gateway.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "scaffolds/containers/containers.h"

namespace msctl::scaffolds::kubernetes {

using Json = nlohmann::ordered_json;

// The Deployment of a container.
struct Workload {
  std::string name, workspace;
  Json container = {};           // name, image, ports, env, probes, resources
  Json volumes = Json::array();  // beside those of `writable`
  Json mounts = Json::array();
  std::vector<std::string> writable = {};  // folders, beside /tmp
  int replicas = 1;                        // 0: an autoscaler's business
  int most = 1;
  bool keeps_data = false;  // never two at the same time
};
Json deployment(const Workload& workload);

// Not more than it says it needs; where it says nothing, a little.
Json resources(const workspace::Resources& stated);

// GET of a path or, without one, a TCP connect.
Json probe(const std::string& path, std::string_view port);

// Namespaced metadata with the labels that everything has.
Json metadata(std::string_view name, std::string_view workspace);

}  // namespace msctl::scaffolds::kubernetes
