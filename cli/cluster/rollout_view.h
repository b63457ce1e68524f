// A deploy or a rollback as it is seen: the plan and the question, what happens, the document at the end.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "runtime/kubernetes/canary/choice.h"
#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/release/release.h"

namespace msctl::cli::cluster {

// --timeout, --lock-timeout, --yes
std::vector<Flag> rollout_flags();

// Prints {release, changes}, or the errors.
Outcome carry_out(Context& context, const Arguments& arguments, kubernetes::Cluster& cluster,
                  release::Release release, bool whole,
                  std::optional<kubernetes::canary::Request> canary = std::nullopt);

// Of what a person typed. Errors: noRelease.
base::Result<int> release_number(const std::string& text);

// {id, at, by, revision, services, result, …}
nlohmann::ordered_json summary(const release::Release& release);

}  // namespace msctl::cli::cluster
