// What pipelines pin: msctl.pins of the workspace, and its refreshing from the actions' repositories and the
// images' registries.
#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "pipelines/model/pins.h"
#include "runtime/base/error.h"
#include "runtime/generated/file.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::join {

// Empty where there is no msctl.pins. Errors: badPins, unreadableFile.
base::Result<pipeline::Pins> read_pins(const std::string& root);

struct RefreshedPins {
  pipeline::Pins pins;  // for msctl.pins
  base::Errors errors;  // of sources that failed: their pins are as they were
};

// Those that the files of the workspace's pipelines hold. `any_major`: also a newer major version of an
// action. Waits for other machines, one after another; `context.signals` ends it. Errors: of the workspace,
// badPins, interrupted.
base::Result<RefreshedPins> refresh_pins(Context& context, const workspace::Workspace& workspace,
                                         bool any_major);

}  // namespace msctl::cli::join
