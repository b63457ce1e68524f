// GitLab CI: one file. A job is made only where its paths changed, so that an untouched service costs nothing
// at all; `needs` lets each service go its way without waiting for the stages of the others.
#pragma once

#include "pipelines/model/types.h"
#include "runtime/generated/file.h"

namespace msctl::emit::gitlab {

generated::Emitted emit(const pipeline::Pipeline& pipeline);

}  // namespace msctl::emit::gitlab
