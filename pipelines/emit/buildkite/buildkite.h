// Buildkite: one file. A step is left out where `if_changed` matches nothing (agent 3.99 or newer).
#pragma once

#include "pipelines/model/types.h"
#include "runtime/generated/file.h"

namespace msctl::emit::buildkite {

generated::Emitted emit(const pipeline::Pipeline& pipeline);

}  // namespace msctl::emit::buildkite
