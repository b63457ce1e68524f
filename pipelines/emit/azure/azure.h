// Azure Pipelines: one file. One job tells what changed; the jobs of a service that did not are skipped.
//
// Azure does not say what a push began from. The first job keeps the commit that it looked at in the
// pipeline's cache, which is kept for each branch, and compares with the one before.
#pragma once

#include "pipelines/model/types.h"
#include "runtime/generated/file.h"

namespace msctl::emit::azure {

generated::Emitted emit(const pipeline::Pipeline& pipeline);

}  // namespace msctl::emit::azure
