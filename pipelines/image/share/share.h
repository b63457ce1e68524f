// Images in a shared cache (pipelines/cache). The entry under the key of the inputs only names an image; what
// that leads to stands beside it, each blob under its digest, so that a layer which several images have is
// there once, and one that was cut off or changed is noticed.
#pragma once

#include <set>
#include <string>

#include "pipelines/cache/remote.h"
#include "pipelines/image/layout/layout.h"

namespace msctl::image {

// Brings what `image` leads to and `layout` has not. Errors: imageMissing (the cache has not all of it),
// digestMismatch, cannotWrite.
base::Result<void> fetch_shared(cache::Remote& remote, const Layout& layout, const Descriptor& image);

// Puts there what `image` leads to, but what stands there, unless it is to be put `anew`, for it was changed;
// and but blobs of these digests, which others can get `elsewhere`. Whether all of it is there now.
bool put_shared(cache::Remote& remote, const Layout& layout, const Descriptor& image,
                const std::set<std::string>& elsewhere, bool anew = false);

}  // namespace msctl::image
