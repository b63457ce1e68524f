// What a deploy would change, for people and for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <iosfwd>

#include "runtime/kubernetes/deploy/plan.h"

namespace msctl::cli::cluster {

// {create, update, remove, unchanged, steps: [{service, object, action, means, changes: [{path, before,
// after}]}], drift: [{object, path, stated, found, by, at, kept}]}
nlohmann::ordered_json to_json(const kubernetes::deploy::Plan& plan);

void write(const kubernetes::deploy::Plan& plan, bool colours, std::ostream& out);

}  // namespace msctl::cli::cluster
