// The workspace's pipeline, and its files.
#pragma once

#include "pipelines/model/types.h"
#include "runtime/base/error.h"
#include "runtime/generated/file.h"
#include "runtime/toolchain/language.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::join {

struct Planned {
  toolchain::Languages languages;  // the jobs point into it
  pipeline::Pipeline pipeline;
};

// The workspace stays the caller's. `pins`: its own ones.
base::Result<Planned> plan_pipeline(const workspace::Workspace& workspace, const pipeline::Pins& pins = {});

// For each system under `pipelines.systems`. Errors: pipelineOutside.
base::Result<generated::Emitted> emit_pipelines(const workspace::Workspace& workspace,
                                                const pipeline::Pins& pins);

}  // namespace msctl::cli::join
