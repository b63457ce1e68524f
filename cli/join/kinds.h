// What `msctl generate` can make: one entry a kind. Another kind is one function from the model to files, and
// one entry in kinds.cc.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/pins.h"
#include "runtime/base/error.h"
#include "runtime/generated/file.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::join {

// What a kind may need of the model. `workspaces`: the workspace as each of its environments sees it, by the
// order of `environments` in msctl.yaml.
struct GenerateInput {
  const workspace::Workspace& workspace;
  struct InEnvironment {
    std::string name;
    workspace::Workspace workspace;
  };
  std::vector<InEnvironment> environments = {};
  pipeline::Pins pins = {};
};

struct Kind {
  std::string name;  // "compose": what a person types, and what msctl.lock has beside each file
  std::string doc;   // what it is, without a full stop
  base::Result<generated::Emitted> (*emit)(const GenerateInput& input);
};

const std::vector<Kind>& kinds();

// For completion and help: the names, and "all".
std::vector<std::string> kind_choices();

}  // namespace msctl::cli::join
