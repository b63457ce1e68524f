// The pipeline that a workspace asks for.
#pragma once

#include "pipelines/model/types.h"
#include "runtime/toolchain/language.h"
#include "runtime/workspace/types.h"

namespace msctl::pipeline {

// Both stay the caller's, and outlive the pipeline.
Pipeline plan(const workspace::Workspace& workspace, const toolchain::Languages& languages);

}  // namespace msctl::pipeline
