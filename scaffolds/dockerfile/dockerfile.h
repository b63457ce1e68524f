// services/NAME/Dockerfile.
//
// A service that is built and run as its language has it gets its language's Dockerfile, which is a file of
// scaffolds/languages and builds the template. One with commands of its own gets these commands, on the same
// base images. Shared folders (`uses`) lie outside of the service's, so that such an image is built from the
// workspace's root: paths of COPY are then prefixed.
#pragma once

#include <string_view>

#include "runtime/base/error.h"
#include "runtime/generated/file.h"
#include "runtime/workspace/types.h"

namespace msctl::scaffolds::dockerfile {

// Also the gateway's, where the workspace has routes. Services without a language are told in `notes`.
base::Result<generated::Emitted> emit(const workspace::Workspace& workspace);

// For a service of this language, as above. `dockerfile`: the language's own.
std::string for_service(const workspace::Service& service, std::string_view dockerfile);

}  // namespace msctl::scaffolds::dockerfile
