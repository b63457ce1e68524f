// Woodpecker: a file for each service, started by its paths.
#pragma once

#include "pipelines/model/types.h"
#include "runtime/generated/file.h"

namespace msctl::emit::woodpecker {

generated::Emitted emit(const pipeline::Pipeline& pipeline);

}  // namespace msctl::emit::woodpecker
