// An image of the msctl that runs, for the gateway in a cluster: the very binary that served on this machine
// serves there.
#pragma once

#include <string>

#include "cli/context.h"
#include "cli/join/registries.h"
#include "pipelines/image/layout/layout.h"
#include "pipelines/image/oci/reference.h"
#include "runtime/base/error.h"

namespace msctl::cli::cluster {

struct SelfImage {
  image::Reference repository;
  image::Descriptor manifest;

  std::string pinned() const;  // its reference, with its digest
};

// On scratch: the program, the libraries that it loads, the authorities that this machine trusts; put into
// `layout`, for `repository` ("registry.example/shop/msctl"). Errors: imageFile, badReference.
base::Result<SelfImage> self_image(Context& context, const image::Layout& layout,
                                   const std::string& repository);

// To where its name says, unless it is there already. Errors: registry…
base::Result<void> push_self_image(join::Registries& registries, const image::Layout& layout,
                                   const SelfImage& self);

}  // namespace msctl::cli::cluster
