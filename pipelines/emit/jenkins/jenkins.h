// Jenkins: a declarative Jenkinsfile. A stage for each service, side by side, begun by what changed since the
// last build; its agent is taken only then.
#pragma once

#include "pipelines/model/types.h"
#include "runtime/generated/file.h"

namespace msctl::emit::jenkins {

generated::Emitted emit(const pipeline::Pipeline& pipeline);

}  // namespace msctl::emit::jenkins
