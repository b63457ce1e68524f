// The workspace as objects that can be applied as they are: what Kustomize adds to the manifests - namespace,
// ConfigMaps under the hash of their content, images - is in them.
#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/workspace/types.h"

namespace msctl::scaffolds::kubernetes {

struct Deployable {
  std::string name;                // of the service, or "gateway"; empty: what all share
  std::vector<std::string> needs;  // other deployables
  std::string image;
  std::vector<nlohmann::ordered_json> objects;  // in the order of applying: what others refer to comes first
};

struct DeployableInput {
  const workspace::Workspace* workspace = nullptr;  // as its environment sees it
  std::string space;                                // the namespace
  std::map<std::string, std::string> images;        // service → reference with its digest
  std::string gateway_image;                        // the same
  std::vector<std::string> services = {};           // empty: all
};

// What all share first, then these services by name, the gateway last. Errors: noImage, also where `images`
// has none for one of them that is ours.
base::Result<std::vector<Deployable>> deployables(const DeployableInput& input);

}  // namespace msctl::scaffolds::kubernetes
