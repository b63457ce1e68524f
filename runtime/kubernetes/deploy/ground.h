// What a command that changes an environment finds there: the release that runs, the one that was under way
// when a command was killed, and the objects of both.
#pragma once

#include <expected>
#include <optional>

#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/kubernetes/deploy/plan.h"
#include "runtime/kubernetes/lock/lock.h"
#include "runtime/release/release.h"

namespace msctl::kubernetes::deploy {

struct Ground {
  std::optional<release::Release> running, unfinished;
  ByRef live;

  ByRef last() const { return running ? objects_of(*running) : ByRef{}; }
};

// Errors: the cluster's, badRecord.
base::Result<Ground> look(Cluster& cluster, const release::Release& wanted, const Standing& standing);

// The server tries out everything that is not settled. Errors: those of the dry run, all of them.
std::expected<Plan, base::Errors> plan_for(Cluster& cluster, const release::Release& wanted,
                                           const Ground& ground);

// The same for what ran before, after a deploy that has failed. No Job is run.
std::expected<Plan, base::Errors> plan_back(Cluster& cluster, const release::Release& running,
                                            const ByRef& live);

// What others of the running release are is no business of a deploy of some: their parts stay.
void complete(release::Release& wanted, const release::Release& running);

}  // namespace msctl::kubernetes::deploy
