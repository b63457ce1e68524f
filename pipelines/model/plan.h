// The pipeline that a workspace asks for.
#pragma once

#include "pipelines/model/types.h"
#include "runtime/toolchain/language.h"
#include "runtime/workspace/types.h"

namespace msctl::pipeline {

// Both stay the caller's, and outlive the pipeline. `pins`: those of the workspace, before the shipped ones.
Pipeline plan(const workspace::Workspace& workspace, const toolchain::Languages& languages,
              const Pins& pins = {});

}  // namespace msctl::pipeline
