// The images that a deploy puts in place: those that a pipeline has built, told by a file or by their tag, or
// those that are built and pushed now.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "cli/context.h"
#include "runtime/base/error.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::cluster {

struct Images {
  std::map<std::string, std::string> services;  // reference with its digest
  std::string gateway;
};

struct ImageRequest {
  std::string environment;
  std::vector<std::string> services;  // that need one
  // Of `msctl build --file-output`; an entry `gateway` names the image of msctl to use. Empty: all are built.
  std::string file;
  std::string tag;   // not empty: those that the registry has under it
  bool push = true;  // false: their names are enough, as for a plan, and no registry is written to
  std::string progress;
  bool verbose = false;
};

// Errors: noRegistry, badImagesFile, imageMissing, and those of building and pushing.
std::expected<Images, base::Errors> images_for(Context& context, const workspace::Workspace& workspace,
                                               const ImageRequest& request);

}  // namespace msctl::cli::cluster
