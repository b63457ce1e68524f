// Bitbucket Pipelines: one file. Bitbucket knows no needs, only steps and groups of steps that run side by
// side, and a step that fails stops all that come later. So each service is one step of one group: none waits
// for another.
#pragma once

#include "pipelines/model/types.h"
#include "runtime/generated/file.h"

namespace msctl::emit::bitbucket {

generated::Emitted emit(const pipeline::Pipeline& pipeline);

}  // namespace msctl::emit::bitbucket
