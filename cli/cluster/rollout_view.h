// A deploy or a rollback as it is seen: the plan and the question, what happens, the document at the end.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/cluster/environment.h"
#include "cli/command.h"
#include "cli/context.h"
#include "runtime/kubernetes/deploy/deploy.h"
#include "runtime/release/release.h"

namespace msctl::cli::cluster {

// --timeout, --lock-timeout, --yes
std::vector<Flag> rollout_flags();

// Prints {release, changes}, or the errors. `options`: what is special about this one.
Outcome carry_out(Context& context, const Arguments& arguments, Environment& environment,
                  release::Release release, bool whole, kubernetes::deploy::Options options = {});

// Of what a person typed. Errors: noRelease.
base::Result<int> release_number(const std::string& text);

// {id, at, by, revision, services, result, …}
nlohmann::ordered_json summary(const release::Release& release);

}  // namespace msctl::cli::cluster
