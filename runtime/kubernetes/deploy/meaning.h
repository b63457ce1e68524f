// A change of an object in the words of who operates it.
#pragma once

#include <string>
#include <vector>

#include "runtime/kubernetes/deploy/plan.h"

namespace msctl::kubernetes::deploy {

// `before` or `after` is null where there is none.
std::vector<std::string> meaning(Action action, const Json& before, const Json& after);

// What is gone with it cannot be brought back by deploying again.
bool holds_data(const Ref& ref);

}  // namespace msctl::kubernetes::deploy
