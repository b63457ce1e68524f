// Last words: which are worth asking for, and where they belong.
#pragma once

#include "runtime/explain/evidence.h"
#include "runtime/kubernetes/judge/judge.h"

namespace msctl::kubernetes::judge {

void add_last_words(const LastWords& words, explain::Replica& replica);

}  // namespace msctl::kubernetes::judge
