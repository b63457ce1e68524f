// What only shows when all services stand side by side.
#pragma once

#include <map>
#include <set>
#include <string>

#include "runtime/base/error.h"
#include "runtime/base/yaml/node.h"
#include "runtime/workspace/types.h"

namespace msctl::workspace {

// `files`: the tree of each service's file, by name, for the places of errors. `broken`: services that exist
// but could not be read whole, so that nothing is concluded from their absence; an empty name: any may be
// missing.
void check(const Workspace& workspace, const std::map<std::string, yaml::Node>& files,
           const std::set<std::string>& broken, base::Errors& errors);

}  // namespace msctl::workspace
