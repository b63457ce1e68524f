// compose.yaml: all services and the gateway on one machine, in containers.
#pragma once

#include <string_view>

#include "runtime/base/error.h"
#include "runtime/generated/file.h"
#include "runtime/workspace/types.h"

namespace msctl::scaffolds::compose {

// compose.yaml, and the gateway's configuration beside it. `gateway_image`: "msctl:0.1.0". Errors: noImage.
base::Result<generated::Emitted> emit(const workspace::Workspace& workspace, std::string_view gateway_image);

}  // namespace msctl::scaffolds::compose
