// What is there of a workspace, read in a few requests: one list a kind, whatever the number of objects.
#pragma once

#include <set>

#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/kubernetes/deploy/plan.h"

namespace msctl::kubernetes::deploy {

// The kinds in which something of the workspace can be: those that msctl renders, and those of `releases`.
std::set<Ref> kinds_of(const std::vector<const release::Release*>& releases);

// The objects of several lists, which are asked for at once. Kinds that the server does not serve have
// nothing.
base::Result<std::vector<Json>> list_all(Cluster& cluster, const std::vector<Watched>& what);

// Everything with the workspace's labels. `kinds`: without names. Kinds that the server does not serve have
// nothing.
base::Result<ByRef> take_inventory(Cluster& cluster, const std::string& workspace,
                                   const std::set<Ref>& kinds);

// What the server says would be, for each of `wanted` that is not settled. All errors, not only the first;
// foreignObject where an object without the workspace's labels has the name.
std::expected<ByRef, base::Errors> try_out(Cluster& cluster, const std::vector<Wanted>& wanted,
                                           const ByRef& last, const ByRef& live);

// The selector of everything of a workspace.
std::string selector_of(const std::string& workspace);

}  // namespace msctl::kubernetes::deploy
