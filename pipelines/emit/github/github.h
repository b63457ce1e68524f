// GitHub Actions: one workflow, and an action of the repository's own that brings msctl.
//
// One job tells what changed; the jobs of a service that did not are skipped, which counts as success, so
// that a branch may require the last job, `pipeline`, whatever changed. (A workflow filtered by `paths` would
// not report at all, and a required check would wait for ever.)
#pragma once

#include "pipelines/model/types.h"
#include "runtime/generated/file.h"

namespace msctl::emit::github {

generated::Emitted emit(const pipeline::Pipeline& pipeline);

}  // namespace msctl::emit::github
