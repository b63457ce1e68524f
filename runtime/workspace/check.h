// What only shows when all services stand side by side.
#pragma once

#include <map>
#include <string>

#include "runtime/base/error.h"
#include "runtime/base/yaml/node.h"
#include "runtime/workspace/types.h"

namespace msctl::workspace {

// `files`: the tree of each service's file, by name, for the places of errors.
void check(const Workspace& workspace, const std::map<std::string, yaml::Node>& files, base::Errors& errors);

}  // namespace msctl::workspace
