// What is run for one service: its own commands where service.yaml states them, else its language's.
#pragma once

#include <vector>

#include "runtime/toolchain/language.h"
#include "runtime/workspace/types.h"

namespace msctl::toolchain {

struct Commands {
  std::vector<Argv> build, test, lint;  // steps; `test` follows `build`
  std::vector<Argv> integration;        // against the running service, at GATEWAY_URL; empty: it has none
  Argv run;
  JUnit junit;  // only where the language's own tests are run
};

// `languages` must know the service's language, or it be "none" or empty (a backing service).
Commands commands_for(const workspace::Service& service, const Languages& languages);

}  // namespace msctl::toolchain
