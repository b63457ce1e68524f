// From evidence to findings: the rules of this folder, one a file, asked in the order of rules.cc.
#pragma once

#include <vector>

#include "runtime/explain/evidence.h"
#include "runtime/explain/finding.h"

namespace msctl::explain {

// The certain ones first, then as the rules stand: what is closest to the cause comes first. Equal ones of
// several replicas are one finding. Replicas of an older version, and those that stop, say nothing. What is
// ready has no finding.
std::vector<Finding> explain(const Evidence& evidence);

}  // namespace msctl::explain
