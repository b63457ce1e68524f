// The environment of a service's steps: build, test, lint. They see only what is listed, so that a result
// depends on nothing that nobody named, and a secret of the shell or of the pipeline does not reach a test.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/toolchain/language.h"
#include "runtime/workspace/types.h"

namespace msctl::toolchain {

struct StepEnvironment {
  std::vector<std::string> all;      // "NAME=value", by name
  std::vector<std::string> counted;  // those of them that a result may depend on
};

// `environment`: msctl's own. A step sees what its language and service.yaml name, and what is about the
// machine and the session: where programs and home are, the terminal, the language, proxies, certificates.
// The steps of language `none` may be of any language: they see what all of `languages` name.
StepEnvironment step_environment(const workspace::Service& service, const Languages& languages,
                                 const std::map<std::string, std::string>& environment);

}  // namespace msctl::toolchain
