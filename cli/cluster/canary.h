// --canary and --interval, and what was, or would be, tried with a part of the traffic, for people.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "runtime/base/error.h"
#include "runtime/kubernetes/canary/choice.h"

namespace msctl::cli::cluster {

std::vector<Flag> canary_flags();

// Nothing without --canary. Errors: usage.
base::Result<std::optional<kubernetes::canary::Request>> canary_request(const Arguments& arguments);

// " --canary 5,25", or nothing.
std::string canary_text(const std::optional<kubernetes::canary::Request>& request);

// "orders: 5 % passed, 25 % worse", of a release's record.
std::string canary_summary(const nlohmann::json& canary);

// `canary`: of a plan, or of a release's record.
void write_canary(const nlohmann::json& canary, bool colours, std::ostream& out);

}  // namespace msctl::cli::cluster
