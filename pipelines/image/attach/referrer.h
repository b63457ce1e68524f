// What is said about an image, beside it in its registry: a manifest that names the image as its subject (OCI
// 1.1). Registries that do not know subjects get what the specification has for them: a list under the tag
// "sha256-DIGEST".
#pragma once

#include <string>
#include <string_view>

#include "pipelines/image/layout/layout.h"
#include "pipelines/image/registry/registry.h"

namespace msctl::image {

// `content` of this media type about `subject`. Its manifest.
base::Result<Descriptor> attach(Registry& registry, const std::string& repository, const Layout& layout,
                                const Descriptor& subject, std::string_view media_type,
                                std::string_view content, const Annotations& annotations);

// A manifest of one layer under a tag of its own, as cosign looks for it.
base::Result<void> put_tagged(Registry& registry, const std::string& repository, const Layout& layout,
                              const std::string& tag, std::string_view media_type, std::string_view content,
                              const Annotations& layer_annotations);

// "sha256:abc…" and ".sig" → "sha256-abc….sig"
std::string tag_for(const std::string& digest, std::string_view ending);

}  // namespace msctl::image
