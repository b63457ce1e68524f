// What an image stands on: nothing, an image in a layout on the disk, or one in a registry.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipelines/image/layout/layout.h"
#include "pipelines/image/oci/reference.h"
#include "pipelines/image/registry/registry.h"

namespace msctl::image {

struct Base {
  std::string name;    // as it was stated
  std::string digest;  // of its manifest for one platform; empty: scratch
  Config config;
  std::vector<Descriptor> layers;
  Reference reference;  // where it is in a registry

  bool is_scratch() const { return digest.empty(); }
};

// `name`: "scratch", "oci:FOLDER[:NAME]" (a path from `root`), or a reference. Its layers are in `layout`
// afterwards. `registry`: the one of this name. Errors: badReference, imageMissing, badPlatform, registry…
base::Result<Base> find_base(const std::string& name, const Platform& platform, const std::string& root,
                             const Layout& layout,
                             const std::function<Registry&(const std::string&)>& registry);

// Only its digest, which is an input of the image: for a registry one request. Empty for scratch.
base::Result<std::string> digest_of_base(const std::string& name, const std::string& root,
                                         const std::function<Registry&(const std::string&)>& registry);

}  // namespace msctl::image
