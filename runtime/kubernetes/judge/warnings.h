// What a cluster has lately complained of, about the objects of one service.
#pragma once

#include <vector>

#include "runtime/kubernetes/judge/judge.h"
#include "runtime/release/status.h"

namespace msctl::kubernetes::judge {

// Events of type Warning that were seen within an hour before `now`: the newest five, the newest first. The
// same of several replicas is one, with its counts added up.
std::vector<release::Warning> warnings_of(const Subject& subject, base::WallTime now);

}  // namespace msctl::kubernetes::judge
