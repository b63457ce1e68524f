// CircleCI: a file that maps changed paths to parameters, by the orb that is made for it, and one with a
// workflow for each service, which its parameter starts.
#pragma once

#include "pipelines/model/types.h"
#include "runtime/generated/file.h"

namespace msctl::emit::circleci {

generated::Emitted emit(const pipeline::Pipeline& pipeline);

}  // namespace msctl::emit::circleci
