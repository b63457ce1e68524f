// Images to the registry of an environment.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/join/images.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::join {

// What the names of the images begin with: the registry of `environment`, or, where that is empty, of the
// only one that has any; on this machine alone, for what is not pushed, there need be none. Errors:
// noRegistry, badReference.
base::Result<std::string> registry_prefix(const workspace::Workspace& workspace,
                                          const std::string& environment, bool push);

// Sets what was pushed of each.
std::expected<void, base::Errors> push_images(Context& context, ImageBuild& build,
                                              std::vector<BuiltImage>& images);

}  // namespace msctl::cli::join
