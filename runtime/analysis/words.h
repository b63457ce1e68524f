// A judgement in one sentence.
#pragma once

#include <string>

#include "runtime/analysis/judge.h"

namespace msctl::analysis {

std::string words(const Judgement& judgement);

}  // namespace msctl::analysis
